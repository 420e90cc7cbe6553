DROP TABLE shop.product_tags;
DROP TABLE shop.tags;
DROP TABLE shop.products;
DROP TABLE shop.categories;
