import assert from 'node:assert/strict';
import { Questions } from '../../../src/engines/postgres/digest-questions.ts';
import { pause } from '../../../src/util/wait.ts';
import { isFailure } from '../../../src/util/failure.ts';

const never = new AbortController().signal;

/** A server that answers every question with itself, a message at a time; one that contains `!` fails. */
function server(width: number) {
  const messages: (readonly string[])[] = [];
  const questions = new Questions(width, async (statements, signal) => {
    messages.push(statements);
    await pause(1, signal);
    if (statements.some((sql) => sql.includes('!'))) throw new Error(statements.join());
    return statements.map((sql) => [[sql]]);
  });
  return { messages, questions };
}

describe('short questions to a PostgreSQL server', () => {
  const numbers = (n: number) => Array.from({ length: n }, (_, i) => `q${i}`);

  it('that are asked at the same time travel together, and each gets its own answer', async () => {
    const { questions, messages } = server(1);
    const asked = numbers(150);
    const answers = await Promise.all(asked.map((sql) => questions.ask(sql, never)));
    assert.deepEqual(
      answers.map((rows) => rows[0]?.[0]),
      asked,
    );
    assert.deepEqual(
      messages.map((message) => message.length),
      [64, 64, 22],
    );
  });

  it('are shared between the connections, unless they are few', async () => {
    const { questions, messages } = server(2);
    await Promise.all(numbers(40).map((sql) => questions.ask(sql, never)));
    await Promise.all(numbers(5).map((sql) => questions.ask(sql, never)));
    assert.deepEqual(
      messages.map((message) => message.length),
      [20, 20, 5],
    );
  });

  it('fail alone', async () => {
    const { questions } = server(2);
    const asked = numbers(30).map((sql, i) => (i === 7 || i === 20 ? `${sql}!` : sql));
    const answers = await Promise.allSettled(asked.map((sql) => questions.ask(sql, never)));
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 'fulfilled') assert.equal(answer.value[0]?.[0], asked[i]);
      else assert.equal((answer.reason as Error).message, asked[i]);
    }
    assert.equal(answers.filter(({ status }) => status === 'rejected').length, 2);
  });

  it('are stopped on the server when all who asked have gone, and not before', async () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const stopped: boolean[] = [];
    let sent = () => undefined as void;
    const underway = new Promise<void>((resolve) => (sent = resolve));
    const questions = new Questions(1, async (_, signal) => {
      sent();
      one.abort();
      stopped.push(signal.aborted);
      other.abort();
      stopped.push(signal.aborted);
      await pause(1, signal);
      return [];
    });
    const asked = [questions.ask('a', one.signal), questions.ask('b', other.signal)];
    await underway;
    for (const question of asked) {
      await assert.rejects(question, (error) => isFailure(error) && error.reason === 'cancelled');
    }
    assert.deepEqual(stopped, [false, true]);
  });

  it('of somebody who has gone are answered with that, and the others as ever', async () => {
    const gone = new AbortController();
    const { questions } = server(1);
    const asked = [questions.ask('a', gone.signal), questions.ask('b', never)];
    gone.abort();
    await assert.rejects(asked[0]!, (error) => isFailure(error) && error.reason === 'cancelled');
    assert.deepEqual(await asked[1], [['b']]);
  });
});
