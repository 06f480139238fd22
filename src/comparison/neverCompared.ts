/** What the comparison of an engine never looks at, said with every result: `same` promises no more than it proves. */
import type { EngineKind } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';

const LEFT_OUT: Partial<Readonly<Record<EngineKind, Sentence>>> = {
  mysql: sentence(
    'Never looked at: accounts and what they may do, settings of the servers, comments, plugins and loadable functions, where files lie.',
  ),
  postgres: sentence(
    'Never looked at: contents of materialized views, roles and their settings, settings of the server, owners, grants on anything but tables and views, comments, operators and casts, collations and text search of your own, statistics objects, foreign servers, publications and subscriptions, empty schemas, storage parameters, what transactions still under way have written (a commit that waits for a synchronous standby is one).',
  ),
};

export const neverCompared = (engine: EngineKind): readonly Sentence[] => {
  const words = LEFT_OUT[engine];
  return words ? [words] : [];
};
