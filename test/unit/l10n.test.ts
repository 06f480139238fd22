import assert from 'node:assert/strict';
import { collectUserTexts, placesIn, readBundle, textsOf } from '../../scripts/l10n/sentences.ts';

describe('texts for users', function () {
  this.timeout(30_000);
  let collected: Awaited<ReturnType<typeof collectUserTexts>>;
  before(async () => {
    collected = await collectUserTexts();
  });

  it('are found in every way of writing them', () => {
    const source = `
      sentence('One {a}', { a });
      sentence(late ? 'Two' : 'Three');
      vscode.l10n.t('Four {0}', count);
      l10n.t({ message: 'Five', comment: ['said by the dog'] });
      sentence('Six ' + 'seven {b}', { ...all });
      const translate = (text, args) => l10n.t(text, args);
      other.t('no');
      sentence(name);
      const wrong = (text, args) => l10n.t(args, text);`;
    const { texts, computed } = textsOf('src/planted.ts', source);
    assert.deepEqual(
      texts.map(({ text, filled }) => [text, filled]),
      [
        ['One {a}', ['a']],
        ['Two', []],
        ['Three', []],
        ['Four {0}', ['0']],
        ['Five', []],
        ['Six seven {b}', null],
      ],
    );
    assert.deepEqual(computed, ['src/planted.ts:9', 'src/planted.ts:10']);
  });

  it('are literals, so that they can be translated', () => {
    const { texts, computed } = collected;
    assert.ok(texts.length > 50, 'hardly any text was found');
    assert.deepEqual(computed, []);
  });

  it('have every place filled, and nothing else', () => {
    const { texts } = collected;
    const wrong = texts.filter(({ text, filled }) => filled && !sameNames(placesIn(text), filled));
    assert.deepEqual(wrong, []);
  });

  it('are all translated into Chinese', async () => {
    const { texts } = collected;
    const bundle = await readBundle('zh-cn');
    const missing = texts.filter(({ text }) => !bundle[text]?.trim()).map(({ text, at }) => `${at}: ${text}`);
    assert.deepEqual(missing, []);
  });

  it('keep their places in translation', async () => {
    const bundle = await readBundle('zh-cn');
    const wrong = Object.entries(bundle).filter(([text, translation]) => {
      return !sameNames(placesIn(text), placesIn(translation));
    });
    assert.deepEqual(wrong, []);
  });

  it('have no translation that nothing uses', async () => {
    const { texts } = collected;
    const used = new Set(texts.map(({ text }) => text));
    const unused = Object.keys(await readBundle('zh-cn')).filter((text) => !used.has(text));
    assert.deepEqual(unused, []);
  });
});

const sameNames = (some: readonly string[], others: readonly string[]) =>
  JSON.stringify([...new Set(some)].sort()) === JSON.stringify([...new Set(others)].sort());
