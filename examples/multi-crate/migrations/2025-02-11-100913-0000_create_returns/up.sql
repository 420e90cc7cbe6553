CREATE TABLE shop.returns (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id BIGINT NOT NULL,
    region TEXT NOT NULL,
    handler_id BIGINT,
    "type" TEXT NOT NULL,
    CONSTRAINT returns_order_fkey FOREIGN KEY (order_id, region) REFERENCES shop.orders ON DELETE RESTRICT
);

CREATE INDEX returns_handler_id ON shop.returns (handler_id);

ALTER TABLE shop.returns
    ADD CONSTRAINT returns_handler_id_fkey FOREIGN KEY (handler_id) REFERENCES shop.users (id)
    ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED;
