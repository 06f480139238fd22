/** The evidence of a run for those who were not there: Markdown to read, JSON to keep. */
import { plainInMarkdown } from '../util/markdown.ts';
import { say, sentence, type Sentence, type Translate } from '../util/sentence.ts';
import type { JournalEntry } from './journal.ts';
import { narrate } from './narrate.ts';
import { replay, type RunState } from './machine.ts';
import type { RunSnapshot } from './snapshot.ts';
import { STEP_TITLES } from './steps.ts';
import { TABLE_VERDICT_NAMES } from './words.ts';

export interface ReportOptions {
  readonly entries: readonly JournalEntry[];
  readonly snapshot: RunSnapshot;
  readonly translate?: Translate | undefined;
  /** IANA name; times are written in it and the offset is shown */
  readonly timeZone: string;
}

/** The whole record as JSON: the journal as it is, and the state it gives. */
export function reportJson({ entries, snapshot }: ReportOptions): string {
  const { task, source, target, downtime, cutoverAt } = snapshot;
  return JSON.stringify(
    {
      task: task && { ref: task.ref, name: task.name, status: task.rawStatus },
      source: source.connection.state === 'connected' ? source.connection.server : null,
      target: target.connection.state === 'connected' ? target.connection.server : null,
      downtime,
      cutoverAt,
      state: replay(entries),
      journal: entries,
    },
    null,
    2,
  );
}

export function reportMarkdown(options: ReportOptions): string {
  const { snapshot, entries } = options;
  const t = (s: Sentence) => say(s, options.translate);
  const time = clockText(options.timeZone);
  const state = replay(entries);
  return [
    `# ${plainInMarkdown(t(sentence('Cutover report: {task}', { task: snapshot.task?.name ?? snapshot.ref.jobId })))}`,
    '',
    ...summary(snapshot, state, t, time),
    '',
    `## ${t(sentence('Steps'))}`,
    '',
    ...steps(snapshot, t),
    '',
    ...tables(state, t, time),
    `## ${t(sentence('Timeline'))}`,
    '',
    `| ${t(sentence('Time'))} | ${t(sentence('Who'))} | ${t(sentence('What'))} |`,
    '|---|---|---|',
    ...entries.map((entry) => {
      const what = narrate(entry).map(t).join(' ');
      return `| ${time(entry.at)} | ${plainInMarkdown(entry.by || '–')} | ${plainInMarkdown(what)} |`;
    }),
    '',
  ].join('\n');
}

type Say = (s: Sentence) => string;
type Time = (at: number) => string;

function summary(snapshot: RunSnapshot, state: RunState, t: Say, time: Time): string[] {
  const lines = [
    t(sentence('Task: {jobId} in {region}', { jobId: snapshot.ref.jobId, region: snapshot.ref.region })),
    t(sentence('Source: {endpoint}', { endpoint: endpointText(snapshot, 'source') })),
    t(sentence('Target: {endpoint}', { endpoint: endpointText(snapshot, 'target') })),
  ];
  const { since, until } = snapshot.downtime;
  if (since !== null) {
    lines.push(
      until === null
        ? t(sentence('Downtime since {since}.', { since: time(since) }))
        : t(
            sentence('Downtime {since} to {until}: {duration}.', {
              since: time(since),
              until: time(until),
              duration: duration(until - since),
            }),
          ),
    );
  }
  const comparison = state.comparison;
  if (comparison) {
    lines.push(t(comparison.summary));
    if (state.comparisonStale)
      lines.push(`${t(sentence('The last comparison no longer holds.'))} ${t(state.comparisonStale.why)}`);
  }
  return lines.map((line) => `- ${plainInMarkdown(line)}`);
}

function steps(snapshot: RunSnapshot, t: Say): string[] {
  return snapshot.steps.map((step, index) => {
    const reason = step.override
      ? ` ${t(sentence('Overridden by {by}: {reason}', { by: step.override.by, reason: step.override.reason }))}`
      : '';
    return `${index + 1}. **${t(STEP_TITLES[step.id])}**: ${t(STATE_WORDS[step.state])}${plainInMarkdown(reason)}`;
  });
}

const STATE_WORDS: Readonly<Record<RunSnapshot['steps'][number]['state'], Sentence>> = {
  notNeeded: sentence('not needed'),
  todo: sentence('not done'),
  current: sentence('not done'),
  done: sentence('done'),
  overridden: sentence('overridden'),
};

function tables(state: RunState, t: Say, time: Time): string[] {
  const comparison = state.comparison;
  if (!comparison) return [];
  return [
    `## ${t(sentence('Comparison'))}`,
    '',
    `${t(sentence('From {start} to {end}.', { start: time(comparison.startedAt), end: time(comparison.finishedAt) }))}`,
    '',
    `| ${t(sentence('Source'))} | ${t(sentence('Target'))} | ${t(sentence('Verdict'))} | ${t(sentence('Rows'))} |`,
    '|---|---|---|---|',
    ...comparison.tables.map((table) => {
      const rows = `${table.rows.source ?? '?'} / ${table.rows.target ?? '?'}`;
      const why = table.reason ? ` (${t(table.reason)})` : '';
      return `| ${plainInMarkdown(nameText(table.source))} | ${plainInMarkdown(nameText(table.target))} | ${plainInMarkdown(t(TABLE_VERDICT_NAMES[table.verdict]) + why)} | ${rows} |`;
    }),
    '',
  ];
}

function nameText(name: { database: string; schema: string | null; name: string } | null): string {
  return name ? [name.database, name.schema, name.name].filter((part) => part !== null).join('.') : '–';
}

function endpointText(snapshot: RunSnapshot, side: 'source' | 'target'): string {
  const { connection } = snapshot[side];
  return connection.state === 'connected' ? `${connection.server.product} ${connection.server.endpoint}` : '?';
}

/** hh:mm:ss of a span in milliseconds. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

function clockText(timeZone: string): Time {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  const zone = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  return (at) => {
    const offset = zone.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';
    return `${format.format(at)} ${offset.replace('GMT', 'UTC').replace(/\+00:00$/, '')}`;
  };
}
