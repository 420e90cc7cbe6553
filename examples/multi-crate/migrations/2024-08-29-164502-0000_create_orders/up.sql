CREATE TABLE shop.orders (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    region TEXT NOT NULL,
    buyer_id BIGINT NOT NULL REFERENCES shop.users (id) ON DELETE RESTRICT,
    agent_id BIGINT REFERENCES shop.users (id) ON DELETE SET NULL,
    PRIMARY KEY (id, region)
);

CREATE INDEX orders_agent_id ON shop.orders (agent_id);

CREATE TABLE shop.order_lines (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id BIGINT NOT NULL,
    region TEXT NOT NULL,
    product_id BIGINT REFERENCES shop.products (id) ON DELETE SET NULL,
    quantity INTEGER NOT NULL,
    FOREIGN KEY (order_id, region) REFERENCES shop.orders (id, region) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX order_lines_order ON shop.order_lines (order_id, region);
CREATE INDEX order_lines_product_id ON shop.order_lines (product_id);
