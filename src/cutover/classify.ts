import type { ClassifiedSession, SessionClass, SessionFacts } from './facts.ts';
import { sentence, type Sentence } from '../util/sentence.ts';
import { matchesHost } from './hostPattern.ts';

/** A rule of the user's. Every field given must match; a rule without any field would match everything and is refused. */
export interface SessionRule {
  readonly class: Extract<SessionClass, 'dts' | 'replication' | 'system' | 'ignored' | 'business'>;
  readonly account?: string | undefined;
  /** an address, a host name, or a network as CIDR */
  readonly host?: string | undefined;
  readonly program?: string | undefined;
  readonly database?: string | undefined;
}

/** What is known about DTS's own sessions: the accounts the task connects with. */
export interface DtsAccounts {
  readonly accounts: readonly string[];
}

/**
 * Gives every session its class and the rule that gave it. The order is safety's: what is ours or the server's own
 * cannot be business; the user's rules come next, in their order; then DTS's account. A client session nobody
 * claims is business; one whose facts the server hides is unknown. Business and unknown block.
 */
export function classifySession(
  session: SessionFacts,
  rules: readonly SessionRule[],
  dts: DtsAccounts,
): ClassifiedSession {
  const [cls, rule] = classOf(session, rules, dts);
  return { ...session, class: cls, rule };
}

function classOf(
  session: SessionFacts,
  rules: readonly SessionRule[],
  dts: DtsAccounts,
): readonly [SessionClass, Sentence] {
  if (session.nature === 'self') return ['self', session.natureWhy];
  if (session.nature === 'system') return ['system', session.natureWhy];
  const index = rules.findIndex((rule) => matchesRule(session, rule));
  const rule = rules[index];
  if (rule)
    return [rule.class, sentence('your rule {number} ({rule})', { number: index + 1, rule: describeRule(rule) })];
  if (session.account !== '' && dts.accounts.includes(session.account)) {
    return ['dts', sentence('account {account} is the migration account of the task', { account: session.account })];
  }
  if (session.nature === 'replication') return ['replication', session.natureWhy];
  if (session.state === 'unknown' || session.account === '') {
    return ['unknown', sentence('the server does not tell what this session is')];
  }
  return ['business', sentence('a client session that no rule claims')];
}

function matchesRule(session: SessionFacts, rule: SessionRule): boolean {
  return (
    (rule.account === undefined || rule.account === session.account) &&
    (rule.host === undefined || matchesHost(rule.host, session.host)) &&
    (rule.program === undefined || rule.program === session.program) &&
    (rule.database === undefined || rule.database === session.database)
  );
}

export function describeRule(rule: SessionRule): string {
  const parts: string[] = [];
  for (const field of ['account', 'host', 'program', 'database'] as const) {
    if (rule[field] !== undefined) parts.push(`${field} = ${rule[field]}`);
  }
  return parts.join(', ');
}
