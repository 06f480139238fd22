import assert from 'node:assert/strict';
import { readBundle } from '../../scripts/l10n/sentences.ts';
import { OPEN, picture, session, side } from './gallery/parts.ts';
import { openPanel, scene, type Panel } from './support.ts';

describe('the panel in Chinese', () => {
  let panel: Panel;
  afterEach(() => panel.close());

  it('says in words what engines say of pending writers, and leaves what is the server’s own', async () => {
    const said = {
      'since 2026-11-22 01:02:03': '自 2026-11-22 01:02:03 起',
      'every 1 day': '每 1 天',
      'every 5 minute_second': '每 5 minute_second',
      'ON; other events may be hidden': '已开启；可能还有看不到的事件',
      'SQL thread running': '其 SQL 线程正在运行',
      'prepared 30 s ago': '30 秒前进入预备状态',
      'permission denied (VIEW SERVER STATE)': '无权读取：缺少 VIEW SERVER STATE',
      'cron.job @ shop: permission denied': '无权读取：cron.job @ shop',
      '0 3 * * * @ shop, eva: CALL rollup()': '0 3 * * * @ shop, eva: CALL rollup()',
    };
    const pendingWriters = Object.keys(said).map((detail) => ({
      ...({ kind: 'job', name: 'replication from 10.0.0.7:3306', blocks: false } as const),
      detail,
    }));
    const snapshot = picture('quiet', OPEN, { source: { ...side('source'), pendingWriters } });
    panel = await openPanel({ language: 'zh-cn', bundle: await readBundle('zh-cn'), snapshot });
    const lines = panel
      .all('dts-step-quiet ul.plain li')
      .map((line) => line.textContent.replaceAll(/\s+/g, ' ').trim());
    const expected = Object.values(said).map((detail) => `作业 来自 10.0.0.7:3306 的复制 ${detail} 请留意`);
    assert.deepEqual(lines.slice(-expected.length), expected);
  });

  it('has one word for what a session is classified by, and another for why a table differs', async () => {
    const bundle = await readBundle('zh-cn');
    const source = side('source', [session(7)]);
    panel = await openPanel({ language: 'zh-cn', bundle, snapshot: picture('quiet', OPEN, { source }) });
    assert.match(panel.text('dts-sessions thead'), /分类依据/);
    assert.match(panel.text('dts-sessions tbody'), /业务.*空闲/);
    await panel.show({ ...scene('5-many-tables'), revision: 2 });
    assert.match(panel.text('dts-compared-tables thead'), /原因/);
  });
});
