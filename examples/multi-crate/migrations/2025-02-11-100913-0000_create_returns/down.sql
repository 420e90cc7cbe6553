DROP TABLE shop.returns;
