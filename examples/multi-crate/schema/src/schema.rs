// @generated automatically by Diesel CLI.

pub mod shop {
    diesel::table! {
        shop.categories (id) {
            id -> Int8,
            parent_id -> Nullable<Int8>,
            name -> Text,
        }
    }

    diesel::table! {
        shop.followers (follower_id, followed_id) {
            follower_id -> Int8,
            followed_id -> Int8,
        }
    }

    diesel::table! {
        shop.order_lines (id) {
            id -> Int8,
            order_id -> Int8,
            region -> Text,
            product_id -> Nullable<Int8>,
            quantity -> Int4,
        }
    }

    diesel::table! {
        shop.orders (id, region) {
            id -> Int8,
            region -> Text,
            buyer_id -> Int8,
            agent_id -> Nullable<Int8>,
        }
    }

    diesel::table! {
        shop.product_tags (product_id, tag_id) {
            product_id -> Int8,
            tag_id -> Int8,
        }
    }

    diesel::table! {
        shop.products (id) {
            id -> Int8,
            category_id -> Nullable<Int8>,
            name -> Text,
        }
    }

    diesel::table! {
        shop.returns (id) {
            id -> Int8,
            order_id -> Int8,
            region -> Text,
            handler_id -> Nullable<Int8>,
            #[sql_name = "type"]
            type_ -> Text,
        }
    }

    diesel::table! {
        shop.tags (id) {
            id -> Int8,
            name -> Text,
        }
    }

    diesel::table! {
        shop.users (id) {
            id -> Int8,
            invited_by -> Nullable<Int8>,
            email -> Text,
        }
    }

    diesel::joinable!(order_lines -> products (product_id));
    diesel::joinable!(product_tags -> products (product_id));
    diesel::joinable!(product_tags -> tags (tag_id));
    diesel::joinable!(products -> categories (category_id));
    diesel::joinable!(returns -> users (handler_id));

    diesel::allow_tables_to_appear_in_same_query!(
        categories,
        followers,
        order_lines,
        orders,
        product_tags,
        products,
        returns,
        tags,
        users,
    );
}
