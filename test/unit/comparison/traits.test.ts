import assert from 'node:assert/strict';
import { differingTraits, spelledOut, type Trait } from '../../../src/comparison/traits.ts';
import { dialectOf } from '../../../src/engines/mysql/dialect.ts';
import { readCollations } from '../../../src/engines/mysql/digest-collations.ts';

const signal = new AbortController().signal;
const SERVERS = {
  'MySQL 5.7': ['5.7.44', ['utf8_general_ci', 'utf8mb4_general_ci', 'utf8mb4_unicode_ci', 'utf8mb4_bin']],
  'MySQL 8': [
    '8.0.36',
    ['utf8mb3_general_ci', 'utf8mb4_general_ci', 'utf8mb4_0900_ai_ci', 'utf8mb4_0900_as_cs', 'utf8mb4_bin'],
  ],
  'MariaDB 10.6': ['10.6.18-MariaDB', ['utf8mb3_general_ci', 'utf8mb4_general_ci', 'utf8mb4_bin']],
  'MariaDB 11': [
    '11.8.2-MariaDB',
    ['utf8mb4_general_ci', 'utf8mb4_uca1400_ai_ci', 'utf8mb4_0900_ai_ci', 'utf8mb4_bin'],
  ],
} as const;
type Server = keyof typeof SERVERS;

async function collation(server: Server, name: string, weight: 'counts' | 'nearly'): Promise<readonly Trait[]> {
  const [version, names] = SERVERS[server];
  const ask = () => Promise.resolve(names.map((each) => [each, each.split('_')[0] ?? '']));
  return (await readCollations({ dialect: dialectOf(version, ''), ask }, signal)).trait('COLLATE', name, weight);
}

describe('collations of two servers', () => {
  type Expected = 'same' | 'told' | 'unavoidable' | 'different';
  const cases: readonly (readonly [Server, string, Server, string, Expected])[] = [
    ['MySQL 5.7', 'utf8mb4_general_ci', 'MySQL 8', 'utf8mb4_general_ci', 'same'],
    ['MySQL 5.7', 'utf8_general_ci', 'MySQL 8', 'utf8mb3_general_ci', 'same'],
    ['MySQL 5.7', 'utf8mb4_general_ci', 'MySQL 8', 'utf8mb4_0900_ai_ci', 'different'],
    ['MySQL 5.7', 'utf8mb4_bin', 'MySQL 8', 'utf8mb4_0900_ai_ci', 'different'],
    ['MySQL 8', 'utf8mb4_0900_ai_ci', 'MySQL 5.7', 'utf8mb4_unicode_ci', 'unavoidable'],
    ['MySQL 8', 'utf8mb4_0900_ai_ci', 'MariaDB 10.6', 'utf8mb4_general_ci', 'unavoidable'],
    ['MySQL 8', 'utf8mb4_0900_as_cs', 'MariaDB 10.6', 'utf8mb4_bin', 'unavoidable'],
    ['MySQL 8', 'utf8mb4_0900_as_cs', 'MariaDB 10.6', 'utf8mb4_general_ci', 'different'],
    ['MySQL 8', 'utf8mb4_bin', 'MariaDB 10.6', 'utf8mb4_general_ci', 'different'],
    ['MySQL 8', 'utf8mb4_0900_ai_ci', 'MariaDB 11', 'utf8mb4_uca1400_ai_ci', 'told'],
    ['MariaDB 11', 'utf8mb4_uca1400_ai_ci', 'MySQL 8', 'utf8mb4_0900_ai_ci', 'unavoidable'],
    ['MariaDB 10.6', 'utf8mb3_general_ci', 'MySQL 8', 'utf8mb4_0900_ai_ci', 'told'],
    ['MariaDB 10.6', 'utf8mb4_general_ci', 'MariaDB 11', 'utf8mb4_uca1400_ai_ci', 'different'],
  ];
  for (const [from, mine, to, theirs, expected] of cases) {
    it(`${from} ${mine} and ${to} ${theirs}: ${expected}`, async () => {
      const [source, target] = [await collation(from, mine, 'counts'), await collation(to, theirs, 'counts')];
      const [found] = differingTraits(source, target, false);
      const told = found?.unavoidable ? 'unavoidable' : 'told';
      assert.equal(found ? (found.counts ? 'different' : told) : 'same', expected);
    });
  }

  it('of one likeness matter nowhere that another could not have been chosen', async () => {
    const nearly = (name: string) => collation('MySQL 8', name, 'nearly');
    const counted = async (mine: string, theirs: string) =>
      differingTraits(await nearly(mine), await nearly(theirs), true).map(({ counts }) => counts);
    assert.deepEqual(await counted('utf8mb4_general_ci', 'utf8mb4_0900_ai_ci'), [false]);
    assert.deepEqual(await counted('utf8mb4_bin', 'utf8mb4_0900_ai_ci'), [true]);
  });
});

describe('traits', () => {
  const trait = (value: string, more: Partial<Trait> = {}): Trait => ({ name: 'X', value, weight: 'counts', ...more });
  const found = (source: Trait, target: Trait, sameSpelling = true) =>
    differingTraits([source], [target], sameSpelling);

  it('weigh as the source says', () => {
    const counted = (weight: Trait['weight'], alike: boolean) =>
      found(trait('a', { weight }), trait('b', { weight: 'counts' }), alike).map(({ counts }) => counts);
    assert.deepEqual([counted('counts', false), counted('told', true)], [[true], [false]]);
    assert.deepEqual([counted('spelled', true), counted('spelled', false)], [[true], [false]]);
  });

  it('are compared only where both versions know them, under like circumstances', () => {
    assert.deepEqual(differingTraits([trait('a')], [{ ...trait('b'), name: 'Y' }], true), []);
    assert.deepEqual(found(trait('a', { onlyWith: '1' }), trait('b', { onlyWith: '2' })), []);
    assert.equal(found(trait('a', { onlyWith: '1' }), trait('b', { onlyWith: '1' })).length, 1);
  });

  it('read as one would write them', () => {
    assert.equal(spelledOut(found(trait('a'), trait('')), 'source'), 'X a');
    assert.equal(spelledOut(found(trait('a'), trait('')), 'target'), 'X');
  });
});
