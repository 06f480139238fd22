import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { inRepository } from '../../scripts/paths.ts';
import { commandLinks, manifest, nls, stringsIn, type MenuItem } from './manifest.ts';

const { contributes } = manifest;
const commands = contributes.commands ?? [];
const menus = contributes.menus ?? {};
const declared = new Set(commands.map(({ command }) => command));
const codicons = readFileSync(inRepository('node_modules/@vscode/codicons/dist/codicon.css'), 'utf8');

describe('the texts of the manifest', () => {
  const keys = stringsIn(manifest).flatMap((text) => /^%(.+)%$/.exec(text)?.[1] ?? []);

  it('are there in English and in Chinese', () => {
    for (const file of ['package.nls.json', 'package.nls.zh-cn.json'] as const) {
      const texts = nls(file);
      assert.deepEqual(
        keys.filter((key) => !texts[key]?.trim()),
        [],
        file,
      );
    }
  });

  it('are all used', () => {
    for (const file of ['package.nls.json', 'package.nls.zh-cn.json'] as const) {
      assert.deepEqual(
        Object.keys(nls(file)).filter((key) => !keys.includes(key)),
        [],
        file,
      );
    }
  });

  it('link to commands that exist', () => {
    const links = [nls('package.nls.json'), nls('package.nls.zh-cn.json')].flatMap((texts) =>
      Object.values(texts).flatMap(commandLinks),
    );
    const own = links.filter((command) => !/^(workbench|vscode)\./.test(command));
    // VS Code makes this one for every view.
    const focusing = Object.values(contributes.views ?? {}).flatMap((views) => views.map(({ id }) => `${id}.focus`));
    assert.deepEqual(
      own.filter((command) => !declared.has(command) && !focusing.includes(command)),
      [],
    );
  });
});

describe('commands and menus', () => {
  it('every command has an id of ours, a translated title and the category', () => {
    for (const { command, title, category } of commands) {
      assert.match(command, /^dtsCutover\.\w+$/);
      assert.match(title, /^%.+%$/, command);
      assert.equal(category, 'DTS Cutover', command);
    }
    assert.equal(declared.size, commands.length, 'a command is declared twice');
  });

  it('menus name declared commands only, and say when', () => {
    for (const [menu, items] of Object.entries(menus)) {
      for (const { command, submenu, when } of items) {
        assert.ok(submenu ?? (command && declared.has(command)), `${menu}: ${command} is not declared`);
        assert.ok(when, `${menu}: ${command} has no when`);
      }
    }
    for (const { command } of contributes.keybindings ?? []) assert.ok(declared.has(command), command);
  });

  it('items of a row belong to one view and to one kind of row', () => {
    for (const { command, when } of menus['view/item/context'] ?? []) {
      assert.match(when ?? '', /\bview == dtsCutover\.\w+/, command);
      assert.match(when ?? '', /\bviewItem (==|=~) /, command);
    }
  });

  it('the palette hides what cannot run without a row, and says when the rest can', () => {
    const inPalette = new Map((menus['commandPalette'] ?? []).map((item: MenuItem) => [item.command, item.when]));
    const withoutRow = new Set((menus['view/title'] ?? []).map(({ command }) => command));
    const inRows = (menus['view/item/context'] ?? []).map(({ command }) => command);
    const ofRows = inRows.filter((command) => !withoutRow.has(command));
    assert.deepEqual(
      ofRows.filter((command) => !inPalette.get(command)),
      [],
    );
  });
});

describe('views, settings and pictures', () => {
  const views = Object.values(contributes.views ?? {}).flat();

  it('every welcome belongs to a view and says when', () => {
    for (const { view, when } of contributes.viewsWelcome ?? []) {
      assert.ok(
        views.some(({ id }) => id === view),
        view,
      );
      assert.ok(when, `a welcome of ${view} has no when`);
    }
  });

  it('icons exist', () => {
    const containers = Object.values(contributes.viewsContainers ?? {}).flat();
    const icons = [...commands.map(({ icon }) => icon), ...containers.map(({ icon }) => icon), manifest.icon];
    for (const icon of icons.filter((each) => each !== undefined)) {
      const codicon = /^\$\(([\w-]+)(~spin)?\)$/.exec(icon)?.[1];
      if (codicon) assert.ok(codicons.includes(`.codicon-${codicon}:before`), icon);
      else assert.ok(existsSync(inRepository(icon)), icon);
    }
  });

  it('the pictures and pages of the walkthrough exist', () => {
    for (const { id, media } of (contributes.walkthroughs ?? []).flatMap(({ steps }) => steps)) {
      const file = media.svg ?? media.image ?? media.markdown;
      assert.ok(file && existsSync(inRepository(file)), `${id}: ${file}`);
    }
  });

  it('every setting is described, typed and in its range by default', () => {
    for (const [name, setting] of Object.entries(contributes.configuration?.properties ?? {})) {
      assert.match(name, /^dtsCutover\.\w+/);
      assert.match(setting.markdownDescription ?? setting.description ?? '', /^%.+%$/, `${name} is not described`);
      assert.ok(setting.type, `${name} has no type`);
      assert.notEqual(setting.default, undefined, `${name} has no default`);
      if (setting.enum) {
        assert.ok(setting.enum.includes(setting.default), `${name}: the default is not one of the values`);
        assert.equal(setting.enumDescriptions?.length, setting.enum.length, `${name}: a value is not described`);
      }
      if (setting.type === 'number' || setting.type === 'integer') {
        const value = Number(setting.default);
        assert.ok(setting.minimum !== undefined && value >= setting.minimum, `${name} has no minimum or is below it`);
        assert.ok(setting.maximum !== undefined && value <= setting.maximum, `${name} has no maximum or is above it`);
      }
    }
  });

  it('no secret is a setting', () => {
    const names = Object.keys(contributes.configuration?.properties ?? {});
    const asText = JSON.stringify(contributes.configuration ?? {});
    assert.deepEqual(
      names.filter((name) => /password|secret|token/i.test(name)),
      [],
    );
    assert.doesNotMatch(asText, /"(password|secretId|secretKey|token)":/i);
  });
});

describe('activation', () => {
  it('names no event that VS Code derives itself, and does not hold up the start', () => {
    // Since VS Code 1.74 declared commands and views activate their extension.
    const needless = /^(\*|onCommand:|onView:|onWalkthrough:|onLanguage)/;
    assert.deepEqual(
      manifest.activationEvents.filter((event) => needless.test(event)),
      [],
    );
  });

  it('promises the VS Code whose types the code is compiled with', () => {
    assert.equal(manifest.engines.vscode, `^${manifest.devDependencies['@types/vscode']}`);
  });
});
