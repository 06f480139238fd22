/** Faults that can be switched on while the service runs. */
import { z } from 'zod';

export const faultRule = z.strictObject({
  /** only this action; every one when missing */
  action: z.string().optional(),
  /** only calls about this task */
  jobId: z.string().optional(),
  region: z.string().optional(),
  /** how many calls it meets; all when missing */
  times: z.number().int().positive().optional(),
  fault: z.discriminatedUnion('kind', [
    /** no answer at all; with `afterEffect` the call is carried out first */
    z.strictObject({ kind: z.literal('hang'), afterEffect: z.boolean().default(false) }),
    /** the connection breaks instead of an answer */
    z.strictObject({ kind: z.literal('drop'), afterEffect: z.boolean().default(false) }),
    /** half an answer, then the connection breaks; the call is carried out */
    z.strictObject({ kind: z.literal('cut') }),
    /** an HTTP status instead of an answer; with `afterEffect` the call is carried out first */
    z.strictObject({
      kind: z.literal('http'),
      status: z.number().int().min(400).max(599),
      afterEffect: z.boolean().default(false),
    }),
    /** a web page with status 200, as a proxy's login page */
    z.strictObject({ kind: z.literal('page') }),
    z.strictObject({ kind: z.literal('slow'), ms: z.number().int().positive() }),
    /** any error code of DTS; the call is not carried out */
    z.strictObject({ kind: z.literal('error'), code: z.string(), message: z.string().default('A planted fault.') }),
    /** gap and lag without a valid value */
    z.strictObject({ kind: z.literal('measures'), value: z.literal([-1, null]) }),
    z.strictObject({ kind: z.literal('status'), status: z.string() }),
    /** null for everything the documentation allows to be null */
    z.strictObject({ kind: z.literal('nulls') }),
  ]),
});

export type FaultRule = z.infer<typeof faultRule>;
export type FaultInput = z.input<typeof faultRule>;
export type Fault = FaultRule['fault'];

/** The service's own codes for what is planted most often. */
export const FAULT_CODES = {
  throttled: 'RequestLimitExceeded',
  expiredToken: 'AuthFailure.TokenFailure',
  noPermission: 'UnauthorizedOperation.PermissionDenied',
  vanished: 'ResourceNotFound.JobNotExist',
} as const;

export class Faults {
  private rules: { rule: FaultRule; left: number }[] = [];

  /** Answers a function that takes the rule back. */
  add(input: FaultInput): () => void {
    const rule = faultRule.parse(input);
    const entry = { rule, left: rule.times ?? Infinity };
    this.rules.push(entry);
    return () => {
      this.rules = this.rules.filter((each) => each !== entry);
    };
  }

  clear(): void {
    this.rules = [];
  }

  list(): readonly FaultRule[] {
    return this.rules.map(({ rule, left }) => (left === Infinity ? rule : { ...rule, times: left }));
  }

  /** The faults that meet this call, counted. */
  take(action: string, region: string, jobId: string | null): readonly Fault[] {
    const met = this.rules.filter(
      ({ rule }) =>
        (rule.action ?? action) === action && (rule.region ?? region) === region && (rule.jobId ?? jobId) === jobId,
    );
    for (const entry of met) entry.left--;
    this.rules = this.rules.filter(({ left }) => left > 0);
    return met.map(({ rule }) => rule.fault);
  }
}
