/** The shop, whatever database it lives in: its names, how many of everything, and texts that hurt. */

export const SHOP_DATABASE = 'shop';
/** The shop's own accounts: `shop_app` writes orders, `shop_batch` is the background job nobody remembers. */
export const SHOP_ACCOUNTS = ['shop_app', 'shop_batch'] as const;
export const CUSTOMER_ACCOUNTS = 500;
/** Accounts of the shop itself, numbered from CUSTOMER_ACCOUNTS + 1; orders are paid into one of them. */
export const TILLS = 10;

/** The texts of order items (quotes, backslashes, line breaks, emoji), for the seed and for the shop's workers. */
export const ITEM_TITLES: readonly string[] = [
  'Tea, "Earl Grey" 250 g',
  "Baker's dozen of rolls",
  'C:\\temp\\ is not a cake',
  'Crème brûlée 🍮',
  '月饼礼盒 🥮',
  'Line one\nline two',
  '100% cotton; DROP TABLE bags; --',
];

/** Names of customers, each followed by a number. */
export const OWNERS: readonly string[] = ["Zoë O'Brien", 'Søren "Sam" Ødegård', '王小明', 'Łukasz 🚀', 'Ann\\Bob'];
