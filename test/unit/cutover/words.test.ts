import assert from 'node:assert/strict';
import { readBundle } from '../../../scripts/l10n/sentences.ts';
import type { ComparisonFacts } from '../../../src/cutover/facts.ts';
import { disturbances } from '../../../src/cutover/quiet.ts';
import { reportMarkdown } from '../../../src/cutover/report.ts';
import { objectKindName } from '../../../src/cutover/words.ts';
import { say, sentence, type Translate } from '../../../src/util/sentence.ts';
import { act, settle, World } from './world.ts';

describe('the words of the vocabulary', () => {
  let translate: Translate;
  before(async () => {
    const bundle = await readBundle('zh-cn');
    translate = (text, args) => say({ text: bundle[text] ?? text, args });
  });

  it('stand in the report in the language of who reads it', async () => {
    const world = new World();
    const run = await world.completed();
    const name = (table: string) => ({ database: 'shop', schema: 'public', name: table });
    const tables: ComparisonFacts['tables'] = (['same', 'missingOnTarget', 'skipped'] as const).map((verdict) => ({
      ...{ source: name(verdict), target: name(verdict), verdict, reason: null, differenceCount: null },
      rows: { source: 1, target: 1 },
    }));
    const found = { verdict: 'incomplete', summary: sentence('Same.'), tables, skipped: [] } as const;
    world.compare = () =>
      Promise.resolve({
        ...found,
        ...{ id: 'c', method: 'digest', startedAt: 0, finishedAt: 0, positions: { source: null, target: null } },
      });
    await act(run, { kind: 'compare', method: 'digest', tables: null });
    const report = reportMarkdown({ entries: run.entries(), snapshot: run.snapshot(), timeZone: 'UTC', translate });
    for (const row of ['same | 一致', 'missingOnTarget | 目标库没有', 'skipped | 已跳过']) {
      assert.ok(report.includes(`shop.public.${row} |`), `${row} in ${report}`);
    }
    await run.dispose();
    await settle();
  });

  it('stand in what keeps the source from being quiet', () => {
    const writer = { kind: 'prepared transaction', name: 'billing-7', detail: '', blocks: true } as const;
    const sample = {
      at: 0,
      mono: 0,
      sessions: [],
      visibility: null,
      position: null,
      before: null,
      idleBusinessBlocks: true,
    };
    const why = disturbances({ ...sample, pendingWriters: [writer] }).map((s) => say(s, translate));
    assert.ok(why.includes('预备事务 billing-7 未结束'), why.join('; '));
  });

  it('leave a kind that is not ours as it is', () => {
    assert.equal(say(objectKindName('materialized view'), translate), '物化视图');
    assert.equal(say(objectKindName('package body'), translate), 'package body');
  });
});
