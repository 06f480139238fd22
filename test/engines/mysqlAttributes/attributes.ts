/** One change of one attribute of one object, and what it does to the comparison. */

/**
 * Names end in `~`, which stands for the number of the case: all cases live in one database and are compared at once.
 */
export interface AttributeCase extends Effect {
  readonly name: string;
  /** columns of information_schema in which the change shows */
  readonly of: readonly string[];
  readonly base: string;
  readonly change: string;
}

export interface Effect {
  /** it counts where left out */
  readonly effect?: 'told' | 'ignored';
  /** between the two products, where less can be known */
  readonly across?: 'told';
  readonly only?: 'mysql' | 'mariadb';
}

/** @param of separated by blanks */
export const change = (name: string, of: string, base: string, to: string, effect: Effect = {}): AttributeCase => ({
  ...{ name, of: of.split(' ').filter(Boolean), base, change: to },
  ...effect,
});
