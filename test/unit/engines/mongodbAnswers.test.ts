import assert from 'node:assert/strict';
import { BSON, type Document } from 'mongodb';
import { Answers, Gate, type Collector } from '../../../src/engines/mongodb/digest-answers.ts';
import { hashInPieces, hashOf } from '../../../src/engines/mongodb/digest-bson.ts';

const never = new AbortController().signal;
const bytesOf = (document: Document) => BSON.serialize(document);
const small = bytesOf({ _id: 1 });
const large = bytesOf({ _id: 2, body: Buffer.alloc(5_000_000, 7) });

class Hashes implements Collector<readonly bigint[]> {
  readonly result: bigint[] = [];
  add(document: Buffer, hash = hashOf(document)): void {
    this.result.push(hash);
  }
}

describe('answers with documents of MongoDB', () => {
  it('hash a long document in pieces as they hash it at once, with turns for others in between', async () => {
    const into = new Hashes();
    await new Answers(into, new Gate(), never).take([small, large, small]);
    assert.deepEqual(into.result, [hashOf(small), hashOf(large), hashOf(small)]);
    let turns = 0;
    assert.equal(await hashInPieces(large, async () => void turns++), hashOf(large));
    assert.equal(turns, 6);
  });

  it('let one reader at a time ask for large documents, and others go on', async () => {
    const gate = new Gate();
    const [first, second, other] = [1, 2, 3].map(() => new Answers(new Hashes(), gate, never));
    await first?.take([large]);
    let through = false;
    const waiting = second?.expect(1_000_000).then(() => (through = true));
    await other?.take([small, small]);
    assert.equal(through, false);
    // small ones again: the next may come
    await first?.take([small]);
    await waiting;
    assert.equal(through, true);
    second?.end();
    await first?.expect(1_000_000);
    first?.end();
  });

  it('stop in the middle of a long document when they are cancelled', async () => {
    const stop = new AbortController();
    const many = Array.from({ length: 100 }, () => large);
    const reading = new Answers(new Hashes(), new Gate(), stop.signal).take(many);
    setImmediate(() => stop.abort());
    await assert.rejects(reading, { reason: 'cancelled' });
  });
});
