CREATE TABLE shop.categories (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parent_id BIGINT REFERENCES shop.categories (id) ON DELETE RESTRICT,
    name TEXT NOT NULL
);

CREATE TABLE shop.products (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id BIGINT REFERENCES shop.categories (id) ON DELETE SET NULL,
    name TEXT NOT NULL
);

CREATE INDEX products_category_id ON shop.products (category_id);

CREATE TABLE shop.tags (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);

CREATE TABLE shop.product_tags (
    product_id BIGINT NOT NULL REFERENCES shop.products (id) ON DELETE CASCADE,
    tag_id BIGINT NOT NULL REFERENCES shop.tags (id) ON DELETE CASCADE,
    PRIMARY KEY (product_id, tag_id)
);

CREATE INDEX product_tags_tag_id ON shop.product_tags (tag_id);
