DROP TABLE shop.followers;
DROP TABLE shop.users;
