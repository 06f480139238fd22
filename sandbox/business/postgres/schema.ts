/**
 * The shop's database on PostgreSQL: what a real one has of tables, keys, sequences, identity columns, an enum, a view,
 * a function and a trigger, with texts that hurt, and enough orders to copy.
 */
import type { Client } from 'pg';
import { CUSTOMER_ACCOUNTS, ITEM_TITLES, OWNERS, SHOP_ACCOUNTS, TILLS } from '../schema.ts';

const SCHEMA = `
create type order_state as enum ('placed', 'paid', 'shipped');

create table accounts (
  id bigint generated always as identity primary key,
  owner text not null,
  balance_cents bigint not null,
  updated_at timestamptz not null default now()
);

create table orders (
  id bigserial primary key,
  reference uuid not null unique,
  account_id bigint not null references accounts,
  till_id bigint not null references accounts,
  state order_state not null default 'placed',
  amount_cents bigint not null check (amount_cents > 0),
  note text,
  placed_at timestamptz not null default now()
);
create index orders_by_account on orders (account_id, placed_at desc);

create table order_items (
  order_id bigint not null references orders,
  line smallint not null,
  title text not null,
  quantity integer not null check (quantity > 0),
  price_cents bigint not null,
  primary key (order_id, line)
);

create table stock_checks (
  id bigserial primary key,
  reference uuid not null unique,
  warehouse text not null,
  counted integer not null,
  checked_at timestamptz not null default now()
);

create view daily_sales as
  select date_trunc('day', placed_at) as day, count(*) as orders, sum(amount_cents) as amount_cents
  from orders group by 1;

create function touch_account() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;
create trigger accounts_touched before update on accounts for each row execute function touch_account();
`;

/** Creates the tables, and `orders` orders with one to three items each, dated over the last 90 days. */
export async function createShop(client: Client, orders: number): Promise<void> {
  await client.query(SCHEMA);
  await client.query(
    `insert into accounts (owner, balance_cents)
     select ($2::text[])[1 + n % $3] || ' ' || n, 10000000 from generate_series(1, $1::int) n order by n`,
    [CUSTOMER_ACCOUNTS + TILLS, OWNERS, OWNERS.length],
  );
  await client.query(
    `insert into orders (reference, account_id, till_id, state, amount_cents, note, placed_at)
     select gen_random_uuid(), 1 + n % $2, $2 + 1 + n % $3, (array['paid', 'shipped']::order_state[])[1 + n % 2], 100 + n % 9900,
       case n % 4 when 0 then null when 1 then '' when 2 then 'please ring 🔔 twice' else 'it''s "urgent"' end,
       now() - (($1 - n) * interval '90 days' / $1)
     from generate_series(1, $1::int) n order by n`,
    [orders, CUSTOMER_ACCOUNTS, TILLS],
  );
  await client.query(
    `insert into order_items (order_id, line, title, quantity, price_cents)
     select o.id, line, ($1::text[])[1 + (o.id + line) % $2], line, o.amount_cents / line
     from orders o, generate_series(1, 1 + (o.id % 3)::int) line order by o.id, line`,
    [ITEM_TITLES, ITEM_TITLES.length],
  );
  await client.query('analyze');
}

const ACCOUNTS = SHOP_ACCOUNTS.join(', ');

/** What the shop's accounts may do, for tables that are there. */
export async function grantShop(client: Client): Promise<void> {
  await client.query(`grant select, insert, update, delete on all tables in schema public to ${ACCOUNTS}`);
  await client.query(`grant usage, select on all sequences in schema public to ${ACCOUNTS}`);
}

/** The same for tables that `owner` is going to create: DTS moves no grants. */
export async function grantShopLater(client: Client, owner: string): Promise<void> {
  const later = `alter default privileges for role ${owner} in schema public`;
  await client.query(`${later} grant select, insert, update, delete on tables to ${ACCOUNTS}`);
  await client.query(`${later} grant usage, select on sequences to ${ACCOUNTS}`);
}
