"use strict";
// The picture is whole without this: it lets it be searched, zoomed, moved and asked. What a delete reaches stands in the
// page; nothing is reckoned here.
(() => {
  const numbers = (text) => (text ? text.split(" ") : []);

  for (const figure of document.querySelectorAll("figure.picture")) {
    const svg = figure.querySelector("svg.graph");
    const scroll = figure.querySelector(".scroll");
    const zoom = zoomed(svg, scroll);
    const choice = chosen(figure, svg, scroll);
    moved(scroll);
    searched(figure, svg, scroll, choice);
    for (const button of figure.querySelectorAll("[data-zoom]")) {
      button.addEventListener("click", () => zoom(button.dataset.zoom));
    }
    figure.querySelector(".tools").hidden = false;
    figure.querySelectorAll(".hint").forEach((hint) => { hint.hidden = false; });
  }
  for (const button of document.querySelectorAll("button[data-fold]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const isOpen = button.dataset.fold === "open";
      for (const details of button.closest("section").querySelectorAll("details")) {
        details.open = isOpen;
      }
    });
  }

  // The picture keeps its middle where it is, and scrolls in its frame.
  function zoomed(svg, scroll) {
    const { width, height } = svg.viewBox.baseVal;
    let scale = 1;
    const set = (next, x = scroll.clientWidth / 2, y = scroll.clientHeight / 2) => {
      next = Math.min(4, Math.max(0.1, next));
      const [left, top] = [(scroll.scrollLeft + x) / scale, (scroll.scrollTop + y) / scale];
      scale = next;
      svg.setAttribute("width", width * scale);
      svg.setAttribute("height", height * scale);
      scroll.scrollLeft = left * scale - x;
      scroll.scrollTop = top * scale - y;
    };
    const fit = (least) => set(Math.max(Math.min(1, scroll.clientWidth / width), least));
    fit(scroll.clientWidth < 600 ? 0.95 : 0.8);
    // It begins where most hangs.
    const weight = (table) => (table.matches(".root") ? Infinity : (table.dataset.deletes ?? "").length);
    const heaviest = [...svg.querySelectorAll(".table")].sort((a, b) => weight(b) - weight(a))[0];
    if (heaviest) {
      center(scroll, heaviest);
    }
    scroll.addEventListener("wheel", (event) => {
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        const box = scroll.getBoundingClientRect();
        set(scale * Math.exp(-event.deltaY / 400), event.clientX - box.left, event.clientY - box.top);
      }
    }, { passive: false });
    return (how) => {
      if (how === "fit") {
        fit(0);
      } else {
        set(how === "in" ? scale * 1.25 : scale / 1.25);
      }
    };
  }

  function center(scroll, table) {
    const [box, frame] = [table.getBoundingClientRect(), scroll.getBoundingClientRect()];
    scroll.scrollBy(box.left + box.width / 2 - frame.left - frame.width / 2,
      box.top + box.height / 2 - frame.top - frame.height / 2);
  }

  // A mouse drags it; a finger scrolls as everywhere.
  function moved(scroll) {
    let from = null;
    scroll.addEventListener("pointerdown", (event) => {
      if (event.pointerType === "mouse" && event.button === 0) {
        from = { x: event.clientX, y: event.clientY, left: scroll.scrollLeft, top: scroll.scrollTop, far: false };
      }
    });
    addEventListener("pointermove", (event) => {
      if (!from) {
        return;
      }
      const [x, y] = [event.clientX - from.x, event.clientY - from.y];
      from.far ||= Math.abs(x) + Math.abs(y) > 5;
      if (from.far) {
        scroll.classList.add("dragged");
        scroll.scrollLeft = from.left - x;
        scroll.scrollTop = from.top - y;
      }
    });
    addEventListener("pointerup", () => {
      const wasFar = from?.far;
      from = null;
      scroll.classList.remove("dragged");
      if (wasFar) {
        // What was dragged wasn't clicked.
        const stop = (event) => event.stopPropagation();
        addEventListener("click", stop, { capture: true, once: true });
        setTimeout(() => removeEventListener("click", stop, { capture: true }), 0);
      }
    });
  }

  // What a delete from the table reaches, in the picture and in words.
  function chosen(figure, svg, scroll) {
    const tables = [...svg.querySelectorAll(".table")];
    const edges = [];
    for (const edge of svg.querySelectorAll(".edge")) {
      edges[edge.dataset.key] = edge;
    }
    const answer = figure.querySelector(".answer");
    const apart = figure.querySelector(".alone input");
    const marks = ["hit", "lost", "is-chosen"];
    const clear = () => {
      svg.classList.remove("chosen");
      tables.concat(edges).forEach((part) => part.classList.remove(...marks));
      if (answer) {
        answer.hidden = true;
        apart.disabled = true;
      }
    };
    const choose = (table) => {
      clear();
      svg.classList.add("chosen");
      table.classList.add("hit", "is-chosen");
      const data = table.dataset;
      const stops = numbers(data.stops).map((stop) => stop.match(/^(\d+)(.*)$/));
      const hit = data.deletes === undefined
        ? edges.filter((edge) => [edge.dataset.child, edge.dataset.parent].includes(data.table))
        : numbers(data.by).concat(numbers(data.nulls), numbers(data.defaults), stops.map((stop) => stop[1]), numbers(data.orphans))
          .map((key) => edges[key]);
      for (const edge of hit) {
        edge.classList.add("hit");
        tables[edge.dataset.child].classList.add("hit");
        tables[edge.dataset.parent].classList.add("hit");
      }
      numbers(data.deletes).forEach((lost) => tables[lost].classList.add("hit", "lost"));
      if (answer) {
        tell(table, stops);
      }
    };
    const tell = (table, stops) => {
      const data = table.dataset;
      const key = (at) => edges[at].dataset.name;
      const when = (word) => {
        const terms = [...figure.querySelectorAll(".whens dt")];
        return terms.find((term) => term.textContent === word)?.nextElementSibling.textContent ?? word;
      };
      const heading = element("h3", "DELETE FROM ", element("code", data.name));
      // Keys that stop it on the same condition, together.
      const words = [...new Set(stops.map((stop) => stop[2]))];
      const grouped = words.map((word) => element("li",
        ...stops.filter((stop) => stop[2] === word).flatMap((stop, at) => [at ? ", " : "", element("code", key(stop[1]))]),
        ` ${when(word)}`));
      const close = element("button", "×");
      close.type = "button";
      close.setAttribute("aria-label", "Close");
      close.addEventListener("click", clear);
      answer.replaceChildren(
        close,
        heading,
        part("deletes", "rows of at most", "table", "no other table", numbers(data.deletes).map((lost) => tables[lost].dataset.name)),
        part("nulls", "the columns of", "key", "nothing", numbers(data.nulls).map(key)),
        part("defaults", "the columns of", "key", "", numbers(data.defaults).map(key)),
        part("stops", "because of", "key", "nothing", stops.map(([, at]) => key(at)), grouped),
        part("orphans", "rows left behind", "key", "", numbers(data.orphans).map(key)),
      );
      answer.hidden = false;
      apart.disabled = false;
    };
    const part = (title, words, thing, none, names, items = names.map((name) => element("li", element("code", name)))) => {
      const count = `${words} ${names.length} ${thing}${names.length === 1 ? "" : "s"}`;
      const list = element("ul", ...items);
      const box = element("div", element("h4", title, " ", element("span", names.length ? count : none)), list);
      box.className = title;
      box.hidden = !names.length && !none;
      return box;
    };
    for (const table of tables) {
      table.setAttribute("tabindex", "0");
      table.setAttribute("role", "button");
      table.addEventListener("click", () => (table.classList.contains("is-chosen") ? clear() : choose(table)));
      table.addEventListener("keydown", (event) => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          choose(table);
        }
      });
    }
    addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        clear();
      }
    });
    apart?.addEventListener("change", () => svg.classList.toggle("apart", apart.checked));
    const show = (table) => {
      choose(table);
      table.scrollIntoView({ block: "nearest" });
      center(scroll, table);
    };
    for (const button of document.querySelectorAll("button[data-show]")) {
      const table = tables[button.dataset.show];
      if (figure.id === button.dataset.figure && table) {
        button.hidden = false;
        button.addEventListener("click", () => {
          figure.scrollIntoView({ block: "start" });
          show(table);
        });
      }
    }
    return show;
  }

  // By the words of a table's card; Enter goes from one to the next.
  function searched(figure, svg, scroll, show) {
    const field = figure.querySelector(".tools input[type=search]");
    const output = figure.querySelector(".tools output");
    const tables = [...svg.querySelectorAll(".table")];
    const texts = tables.map((table) => table.textContent.toLowerCase());
    const rows = [...document.querySelectorAll(`[data-of="${figure.id}"]`)];
    let next = 0;
    const found = () => {
      const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
      const all = words.length ? tables.filter((_, at) => words.every((word) => texts[at].includes(word))) : [];
      // A table of just this name comes first.
      const isIt = (table) => table.dataset.name.toLowerCase() === words.join(" ");
      return all.sort((a, b) => isIt(b) - isIt(a));
    };
    field.addEventListener("input", () => {
      const all = found();
      next = 0;
      tables.forEach((table) => table.classList.toggle("found", all.includes(table)));
      if (all.length) {
        center(scroll, all[0]);
      }
      output.textContent = field.value.trim() ? `${all.length} of ${tables.length}` : "";
      rows.forEach((row) => {
        row.hidden = field.value.trim() !== "" && !all.includes(tables[row.dataset.row]);
      });
    });
    field.addEventListener("keydown", (event) => {
      const all = found();
      if (event.key === "Enter" && all.length) {
        event.preventDefault();
        show(all[next % all.length]);
        next += 1;
      }
    });
  }

  function element(name, ...children) {
    const made = document.createElement(name);
    made.append(...children);
    return made;
  }
})();
