"use strict";
// The page is whole without this: it lets the table be sorted and filtered, and SQL be copied.
(() => {
  const table = document.querySelector("table.findings");
  if (table) {
    sortable(table);
    filterable(table);
  }
  for (const block of document.querySelectorAll(".sql")) {
    copyable(block);
  }
  addEventListener("beforeprint", () => {
    for (const details of document.querySelectorAll("details")) {
      details.open = true;
    }
  });

  function sortable(table) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const descending = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const value = (row) => row.cells[column].dataset.rank ?? row.cells[column].textContent;
        const rows = [...table.tBodies[0].rows];
        rows.sort((a, b) => value(a).localeCompare(value(b), "en", { numeric: true }));
        table.tBodies[0].append(...(descending ? rows.reverse() : rows));
      });
    });
  }

  function filterable(table) {
    const bar = document.querySelector(".filter");
    const search = bar.querySelector("input");
    const selects = [...bar.querySelectorAll("select")];
    const rows = [...table.tBodies[0].rows];
    const texts = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/);
      let shown = 0;
      for (const row of rows) {
        const isChosen = selects.every((select) => ["", row.dataset[select.dataset.filter]].includes(select.value));
        row.hidden = !(isChosen && words.every((word) => texts.get(row).includes(word)));
        shown += row.hidden ? 0 : 1;
      }
      bar.querySelector("output").textContent = `${shown} of ${rows.length}`;
    };
    search.addEventListener("input", apply);
    selects.forEach((select) => select.addEventListener("change", apply));
    bar.hidden = false;
    apply();
  }

  function copyable(block) {
    const button = document.createElement("button");
    const code = block.querySelector("pre code");
    button.type = "button";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      const done = await copy(code);
      button.textContent = done ? "Copied" : "Press Ctrl+C";
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    block.querySelector(".file").append(button);
  }

  // A page that came by plain HTTP has no clipboard: then the text is selected.
  async function copy(code) {
    try {
      await navigator.clipboard.writeText(code.textContent);
      return true;
    } catch {
      getSelection().selectAllChildren(code);
      return document.execCommand("copy");
    }
  }
})();
