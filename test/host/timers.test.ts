import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { followRuns } from '../../src/host/runs/contextKeys.ts';
import { RunRegistry } from '../../src/host/runs/registry.ts';
import { passwords } from '../../src/host/connections/passwords.ts';
import { showRunsInStatusBar } from '../../src/host/statusBar.ts';
import { next, region, settingsFor, startService, task, viewParts, withSettings } from './support/parts.ts';

describe('deactivation', () => {
  const live = new Map<unknown, string>();
  const real = { setTimeout: globalThis.setTimeout, clearTimeout: globalThis.clearTimeout };
  const scope: { setTimeout: unknown; clearTimeout: unknown } = globalThis;

  /** Counts the timers that this bundle makes; the extension host has many of its own. */
  before(() => {
    scope.setTimeout = (callback: () => void, ms: number) => {
      const timer = real.setTimeout(() => {
        live.delete(timer);
        callback();
      }, ms);
      const [, , caller = ''] = (new Error().stack ?? '').split('\n');
      if (caller.includes(path.basename(__filename))) live.set(timer, caller);
      return timer;
    };
    scope.clearTimeout = (timer: NodeJS.Timeout) => {
      live.delete(timer);
      real.clearTimeout(timer);
    };
  });
  after(() => Object.assign(globalThis, real));

  it('leaves no timer and no connection of a list, a run and what shows them', async () => {
    const ref = { region, jobId: 'dts-ready' };
    const service = await startService([task(ref.jobId, { phase: 'incremental', gapMb: 1, lagSeconds: 1 })]);
    const restore = await withSettings(settingsFor(service));
    const folder = await mkdtemp(path.join(tmpdir(), 'cutover-runs-'));
    const parts = viewParts();
    const { secrets, memento } = parts.storage;
    const runs = new RunRegistry(
      { cloud: parts.cloud, settings: parts.settings, passwords: passwords(secrets, memento, parts.log) },
      { storage: vscode.Uri.file(folder), memento },
      parts.log,
    );
    const shown = [showRunsInStatusBar(runs), followRuns(runs, parts.list)];
    parts.list.watch(() => [ref]);
    const run = await runs.open(ref);
    assert.equal(await runs.open(ref), run, 'one run per task');
    run.watch();
    while (run.snapshot().task === null) await next(runs.onDidChange);
    assert.deepEqual(await run.perform({ kind: 'start' }, new AbortController().signal), { ok: true });
    assert.ok(live.size > 0, 'something is under way');

    await runs.dispose();
    for (const each of shown) each.dispose();
    await parts.dispose();
    await service.control.disconnected();
    assert.deepEqual([...live.values()], []);
    await restore();
    await service.stop();
    await rm(folder, { recursive: true });
  });
});
