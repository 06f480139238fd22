import * as vscode from 'vscode';
import type { DtsRegion } from '../../dts/api.ts';
import { cancelled } from '../../util/failure.ts';

/** Regions in which DTS migrates, as of this version; others can be typed. */
const KNOWN_REGIONS = [
  'ap-guangzhou',
  'ap-qingyuan',
  'ap-shanghai',
  'ap-beijing',
  'ap-nanjing',
  'ap-chengdu',
  'ap-chongqing',
  'ap-hongkong',
  'ap-taipei',
  'ap-singapore',
  'ap-jakarta',
  'ap-bangkok',
  'ap-mumbai',
  'ap-seoul',
  'ap-tokyo',
  'na-siliconvalley',
  'na-ashburn',
  'na-toronto',
  'sa-saopaulo',
  'eu-frankfurt',
  'ap-shanghai-adc',
  'ap-shanghai-fsi',
  'ap-shenzhen-fsi',
  'ap-beijing-fsi',
];

const REGION = /^[a-z]+(-[a-z0-9]+)+$/;

/** The regions the site says it offers; null where it cannot be asked. */
export type RegionSource = () => Promise<readonly DtsRegion[] | null>;

/** Asks for one or more regions, of those the site offers. A name that is not in the list can be typed. */
export async function askRegions(
  title: string,
  chosen: readonly string[],
  offered: RegionSource,
): Promise<readonly string[]> {
  // a list of ours is better than none: the key may not list regions, and the network may be slow
  const told = (await offered().catch(() => null)) ?? [];
  const descriptions = new Map(told.map(({ id, name }) => [id, name]));
  const known = told.length > 0 ? told.map(({ id }) => id) : KNOWN_REGIONS;
  const box = vscode.window.createQuickPick();
  const names = [...new Set([...chosen, ...known])];
  const items = names.map((label) => ({ label, description: descriptions.get(label) ?? '' }));
  box.title = title;
  box.placeholder = vscode.l10n.t('Regions whose tasks are shown; another one can be typed');
  box.canSelectMany = true;
  box.ignoreFocusOut = true;
  box.items = items;
  box.selectedItems = items.filter(({ label }) => chosen.includes(label));
  return new Promise((resolve, reject) => {
    box.onDidChangeValue((text) => {
      const typed = text.trim();
      const selected = box.selectedItems;
      const known = box.items.some(({ label }) => label === typed);
      if (!REGION.test(typed) || known) return;
      const added = selected.filter(({ label }) => !names.includes(label));
      box.items = [{ label: typed }, ...added, ...items];
      box.selectedItems = box.items.filter(({ label }) => selected.some((other) => other.label === label));
    });
    box.onDidAccept(() => {
      if (box.selectedItems.length === 0) return;
      resolve(box.selectedItems.map(({ label }) => label));
      box.hide();
    });
    box.onDidHide(() => {
      reject(cancelled());
      box.dispose();
    });
    box.show();
  });
}
