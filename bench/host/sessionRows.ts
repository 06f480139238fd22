import type { RawResult } from '../../src/cutover/facts.ts';

const COLUMNS = [
  'datid',
  'datname',
  'pid',
  'leader_pid',
  'usesysid',
  'usename',
  'application_name',
  'client_addr',
  'client_hostname',
  'client_port',
  'backend_start',
  'xact_start',
  'query_start',
  'state_change',
  'wait_event_type',
  'wait_event',
  'state',
  'backend_xid',
  'backend_xmin',
  'query_id',
  'query',
  'backend_type',
];

const STATEMENT =
  'SELECT o.id, o.customer_id, o.placed_at, o.total, i.article_id, i.quantity FROM shop.orders o JOIN shop.items i ' +
  'ON i.order_id = o.id WHERE o.customer_id = $1 AND o.placed_at > now() - interval $2 ORDER BY o.placed_at DESC';

/**
 * `pg_stat_activity` of a busy server: pools of several services, most of them idle, made anew for every look as a
 * driver makes it. One session in a hundred is another one than at the look before.
 */
export function sessionRows(count: number, look: number, now: number): RawResult {
  const rows = Array.from({ length: count }, (_, slot) => {
    // each slot has its turn to be replaced once in a hundred looks
    const generation = Math.floor((look + slot) / 100);
    const pid = String(1000 + slot + generation * count);
    const started = new Date(now - (look + slot) * 1000 - 60_000).toISOString();
    const changed = new Date(now - (slot % 300) * 1000).toISOString();
    const busy = slot % 20 === 0;
    return [
      '16384',
      'shop',
      pid,
      null,
      '10',
      `service_${slot % 12}`,
      `service-${slot % 12}`,
      `10.${slot % 4}.${slot % 200}.${slot % 250}`,
      null,
      String(30_000 + (slot % 30_000)),
      started,
      null,
      changed,
      changed,
      'Client',
      'ClientRead',
      busy ? 'active' : 'idle',
      null,
      null,
      String(7_000_000_000 + slot),
      `${STATEMENT} /* ${pid} */`,
      'client backend',
    ];
  });
  return { query: 'SELECT * FROM pg_stat_activity', columns: COLUMNS, rows };
}
