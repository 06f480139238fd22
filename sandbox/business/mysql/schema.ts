/**
 * The shop's database on MySQL and MariaDB: what a real one has of tables, keys, AUTO_INCREMENT, an enum, a view,
 * a function and a trigger, with texts that hurt, and enough orders to copy.
 */
import type { MysqlServer } from '../../mysqlProcess.ts';
import { CUSTOMER_ACCOUNTS, ITEM_TITLES, OWNERS, SHOP_ACCOUNTS, SHOP_DATABASE, TILLS } from '../schema.ts';

const SCHEMA = `
create table accounts (
  id bigint not null auto_increment primary key,
  owner varchar(200) not null,
  balance_cents bigint not null,
  updated_at timestamp(6) not null default current_timestamp(6)
);

create table orders (
  id bigint not null auto_increment primary key,
  reference char(36) character set ascii not null unique,
  account_id bigint not null,
  till_id bigint not null,
  state enum('placed', 'paid', 'shipped') not null default 'placed',
  amount_cents bigint not null check (amount_cents > 0),
  note text,
  placed_at datetime(6) not null default current_timestamp(6),
  key orders_by_account (account_id, placed_at desc),
  foreign key (account_id) references accounts (id),
  foreign key (till_id) references accounts (id)
);

create table order_items (
  order_id bigint not null,
  line smallint not null,
  title varchar(200) not null,
  quantity integer not null check (quantity > 0),
  price_cents bigint not null,
  primary key (order_id, line),
  foreign key (order_id) references orders (id)
);

create table stock_checks (
  id bigint not null auto_increment primary key,
  reference char(36) character set ascii not null unique,
  warehouse varchar(200) not null,
  counted integer not null,
  checked_at datetime(6) not null default current_timestamp(6)
);

create view daily_sales as
  select date(placed_at) as day, count(*) as orders, sum(amount_cents) as amount_cents from orders group by 1;

create function in_euro(cents bigint) returns decimal(20, 2) deterministic return cents / 100;

create trigger accounts_touched before update on accounts for each row set new.updated_at = current_timestamp(6);
`;

/** The nth of some texts, as an SQL expression. */
const pick = (n: string, texts: readonly string[]) =>
  `elt(1 + mod(${n}, ${texts.length}), ${texts.map(quote).join(', ')})`;

/** A table `numbers` of `seq` from 1 to `count`, at most 65,536 of them, on every product alike. */
const numbers = (count: number) =>
  `json_table(concat('[1', repeat(',1', ${count - 1}), ']'), '$[*]' columns (seq for ordinality)) numbers`;

/** The shop's empty database, and what its accounts may do there; DTS moves no grants. */
export async function createShopDatabase(server: MysqlServer): Promise<void> {
  await server.query(`create database ${SHOP_DATABASE} character set utf8mb4`);
  for (const account of SHOP_ACCOUNTS) {
    await server.query(`grant select, insert, update, delete on ${SHOP_DATABASE}.* to ${account}`);
  }
}

/** Creates the tables, and `orders` orders with one to three items each, dated over the last 90 days. */
export async function createShop(server: MysqlServer, orders: number): Promise<void> {
  await server.query(SCHEMA, SHOP_DATABASE);
  await server.query(
    `insert into accounts (owner, balance_cents)
       select concat(${pick('seq', OWNERS)}, ' ', seq), 10000000 from ${numbers(CUSTOMER_ACCOUNTS + TILLS)} order by seq;
     insert into orders (reference, account_id, till_id, state, amount_cents, note, placed_at)
       select uuid(), 1 + mod(seq, ${CUSTOMER_ACCOUNTS}), ${CUSTOMER_ACCOUNTS} + 1 + mod(seq, ${TILLS}),
         elt(1 + mod(seq, 2), 'paid', 'shipped'), 100 + mod(seq, 9900),
         case mod(seq, 4) when 0 then null when 1 then '' when 2 then 'please ring 🔔 twice' else 'it''s "urgent"' end,
         now(6) - interval ((${orders} - seq) * 7776000 / ${orders}) second
       from ${numbers(orders)} order by seq;
     insert into order_items (order_id, line, title, quantity, price_cents)
       select id, seq, ${pick('id + seq', ITEM_TITLES)}, seq, amount_cents div seq
       from orders join ${numbers(3)} on seq <= 1 + mod(id, 3) order by id, seq;
     analyze table accounts, orders, order_items`,
    SHOP_DATABASE,
  );
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
