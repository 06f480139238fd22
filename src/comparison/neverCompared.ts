/** What the comparison of an engine never looks at, said with every result: `same` promises no more than it proves. */
import type { EngineKind } from '../cutover/facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';

const LEFT_OUT: Readonly<Record<EngineKind, Sentence>> = {
  mysql: sentence(
    'Never looked at: accounts and what they may do, settings of the servers, comments, plugins and loadable functions, where files lie.',
  ),
  postgres: sentence(
    'Never looked at: contents of materialized views, roles and their settings, settings of the server, owners, grants on anything but tables and views, comments, operators and casts, collations and text search of your own, statistics objects, foreign servers, publications and subscriptions, empty schemas, storage parameters, what transactions still under way have written (a commit that waits for a synchronous standby is one).',
  ),
  sqlserver: sentence(
    'Never looked at: formulas of computed columns, whether columns take NULL, their widths and collations, logins, users, roles, settings of the server and the database, jobs of the agent.',
  ),
  mongodb: sentence(
    'Never looked at: users and roles, shard keys and zones, pre- and post-images, settings of the server, profiles and limits of the database.',
  ),
};

export const neverCompared = (engine: EngineKind): readonly Sentence[] => [LEFT_OUT[engine]];
