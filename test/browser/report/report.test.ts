/** @file The report in a real browser: drawn from disk, without errors or network, and everything that can be touched works. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderTaskReport } from '../../../src/report/render.ts';
import { demoReport } from '../../unit/report/demo-report.ts';
import { hostile, sampleMaps, sampleReport } from '../../unit/report/sample-report.ts';

const executablePath = '/usr/bin/chromium';
const available = existsSync(executablePath);
const switches = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const folder = mkdtempSync(join(tmpdir(), 'scgpt-report-'));
const file = join(folder, 'report.html');
const address = pathToFileURL(file).href;
let browser: Browser;

/** What went wrong or out while a page was open. */
interface Opened {
  readonly page: Page;
  readonly complaints: string[];
  readonly requests: string[];
}

async function open(options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => requests.push(request.url()));
  await page.goto(address);
  return { page, complaints, requests };
}

/** Pixels of a map that are not empty, and a sum over all pixels. */
function ink(page: Page, map: number): Promise<{ drawn: number; sum: number }> {
  return page.evaluate((index) => {
    const canvas = document.querySelectorAll('canvas')[index];
    const copy = Object.assign(document.createElement('canvas'), {
      width: canvas.width,
      height: canvas.height,
    });
    const pen = copy.getContext('2d', { willReadFrequently: true })!;
    pen.drawImage(canvas, 0, 0);
    const { data } = pen.getImageData(0, 0, copy.width, copy.height);
    let drawn = 0;
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] > 0) drawn++;
      sum += data[i] + 3 * data[i + 1] + 7 * data[i + 2] + data[i + 3];
    }
    return { drawn, sum };
  }, map);
}

beforeAll(async () => {
  writeFileSync(file, renderTaskReport(sampleReport));
  if (available) browser = await chromium.launch({ executablePath, args: switches });
});

afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true });
});

beforeEach((context) => {
  context.skip(!available, `needs chromium at ${executablePath}`);
});

describe('the report in a browser', () => {
  it('opens from disk without a complaint, asking for nothing but itself', async () => {
    const { page, complaints, requests } = await open();
    await page.waitForTimeout(200);
    expect(complaints).toEqual([]);
    expect(requests).toEqual([address]);
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    expect(await page.locator('h1').textContent()).toBe(sampleReport.title);
    await page.context().close();
  });

  it('draws the cells of every map, in every row', async () => {
    const { page } = await open();
    expect(await page.locator('canvas').count()).toBe(4);
    for (const map of [0, 1, 2, 3]) {
      const { drawn } = await ink(page, map);
      expect(drawn).toBeGreaterThan(199 * 10); // every cell some pixels
      expect(drawn).toBeLessThan(100_000); // and most of the map is empty
    }
    await page.context().close();
  });

  it('hides a group by its key, shows one alone, and all again, in its own row', async () => {
    const { page } = await open();
    const keys = page.locator('.map-row').first().locator('.key');
    const showAll = page.locator('.show-all').first();
    expect(await keys.allTextContents()).toEqual(['alpha67', 'beta66', 'gamma66', 'no value1']);
    const all = await ink(page, 0);
    const other = await ink(page, 2);
    await keys.nth(0).click();
    const without = await ink(page, 0);
    expect(await keys.nth(0).getAttribute('aria-pressed')).toBe('false');
    expect(without.drawn).toBeLessThan(0.8 * all.drawn);
    expect(await ink(page, 2)).toEqual(other);
    await keys.nth(1).dblclick();
    const pressed = page.locator('.key[aria-pressed="true"]');
    expect(await pressed.allTextContents()).toEqual(['beta66']);
    await showAll.click();
    expect(await ink(page, 0)).toEqual(all);
    expect(await showAll.isVisible()).toBe(false);
    await page.context().close();
  });

  it('is worked by the keyboard', async () => {
    const { page } = await open();
    const keys = page.locator('.map-row').first().locator('.key');
    const all = await ink(page, 0);
    await keys.nth(1).focus();
    await page.keyboard.press('Space');
    expect(await keys.nth(1).getAttribute('aria-pressed')).toBe('false');
    await page.keyboard.press('Space');
    expect(await ink(page, 0)).toEqual(all);
    await page.keyboard.press('Shift+Enter');
    expect(await page.locator('.key[aria-pressed="true"]').allTextContents()).toEqual(['beta66']);
    await page.locator('input[value="linear"]').focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('.panels.log').isVisible()).toBe(true);
    expect(await page.locator('.panels.linear').isVisible()).toBe(false);
    await page.context().close();
  });

  it('colours by another column, groups, numbers or nothing', async () => {
    const { page, complaints } = await open();
    const row = page.locator('.map-row').first();
    const before = await ink(page, 0);
    await row.locator('select').selectOption({ label: 'depth' });
    expect(await row.locator('.scale small').allTextContents()).toEqual(['20', '1970']);
    expect((await ink(page, 0)).sum).not.toBe(before.sum);
    await row.locator('select').selectOption('1');
    expect(await row.locator('.key span').allTextContents()).toEqual([hostile, 'plain']);
    await row.locator('select').selectOption('-1');
    expect(await row.locator('.legend').textContent()).toBe('');
    expect((await ink(page, 0)).drawn).toBeGreaterThan(1000);
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    await page.context().close();
  });

  it('names the cell under the pointer, its values, and marks it in every map', async () => {
    const { page } = await open();
    await page.locator('canvas').first().scrollIntoViewIfNeeded();
    const box = (await page.locator('canvas').first().boundingBox())!;
    const tooltip = page.locator('#tooltip');
    let told = '';
    for (let x = 0.1; x < 0.9 && told === ''; x += 0.02) {
      await page.mouse.move(box.x + x * box.width, box.y + (1 - x) * box.height);
      if (await tooltip.isVisible()) told = (await tooltip.textContent())!;
    }
    const [, index, group, depth] = /^cell-(\d+)type: (\w+)depth: (\d+)$/.exec(told)!;
    expect(group).toBe(['alpha', 'beta', 'gamma'][Number(index) % 3]);
    expect(Number(depth)).toBe(10 * Number(index));
    expect(await page.locator('.ring:visible').count()).toBe(4);
    await page.mouse.move(2, 2);
    expect(await tooltip.isVisible()).toBe(false);
    await page.context().close();
  });

  it('tells the numbers of a chart under the pointer', async () => {
    const { page } = await open();
    const tooltip = page.locator('#tooltip');
    for (const [part, words] of [
      ['#confusion .heat', 'alpha → alpha: 90 cells'],
      ['#losses .linear .hit', 'epoch 1: training 4'],
      ['#markers circle[data-tip]', 'CD3D in 0: in 90'],
      ['#batches .stack i', 'all cells: a 35.0'],
    ]) {
      await page.locator(part).first().hover();
      expect(await tooltip.textContent()).toContain(words);
    }
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    await page.context().close();
  });

  it('gives tables and cells as CSV', async () => {
    const { page, requests } = await open({ acceptDownloads: true });
    const download = async (press: () => Promise<void>) => {
      const [saved] = await Promise.all([page.waitForEvent('download'), press()]);
      return { name: saved.suggestedFilename(), text: readFileSync(await saved.path(), 'utf8') };
    };
    const scores = await download(() => page.locator('a[download="quick.csv"]').click());
    expect(scores.name).toBe('quick.csv');
    expect(scores.text).toContain('type,3,neighbour_agreement,0.82,0.91,0.34\r\n');
    const cells = await download(() => page.locator('.cells-csv').click());
    expect(cells.name).toBe('cells.csv');
    const lines = cells.text.trimEnd().split('\n');
    expect(lines).toHaveLength(201);
    expect(lines[1]).toMatch(/^cell-0,,,,,alpha,/); // without a place
    expect(lines[2]).toMatch(/^cell-1,0\.\d{5},0\.\d{5},0\.\d{5},0\.\d{5},beta,plain,10$/);
    expect(lines[6].startsWith(`"${hostile.replaceAll('"', '""')}"`)).toBe(true);
    for (const name of [
      'methods',
      'classes',
      'confusion',
      'losses',
      'markers',
      'batches',
      'calibration',
      'run',
    ]) {
      const { text } = await download(() => page.locator(`a[download="${name}.csv"]`).click());
      expect(text.split('\r\n').length, name).toBeGreaterThan(2);
    }
    expect(requests.filter((request) => /^(https?|ws)/.test(request))).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['a phone', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, hasTouch: true }],
    ['a narrow phone', { viewport: { width: 320, height: 568 }, hasTouch: true }],
    ['dark', { colorScheme: 'dark' }],
  ] as const)('fits %s', async (_, options) => {
    const { page, complaints } = await open(options);
    const [content, window] = await page.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ]);
    expect(content).toBe(window);
    expect((await ink(page, 0)).drawn).toBeGreaterThan(1000);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it.each(['light', 'dark'] as const)(
    'has words that stand out from their ground, %s',
    async (colorScheme) => {
      const { page } = await open({ colorScheme });
      const faint = await page.evaluate(() => {
        const channels = (color: string) => (color.match(/[\d.]+/g) ?? []).map(Number);
        const light = (color: string) => {
          const [red, green, blue] = channels(color).map((channel) => {
            const value = channel / 255;
            return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        };
        const groundOf = (element: Element | null): string => {
          for (let at = element; at !== null; at = at.parentElement) {
            const { backgroundColor } = getComputedStyle(at);
            if ((channels(backgroundColor)[3] ?? 1) === 1) return backgroundColor;
          }
          return getComputedStyle(document.body).backgroundColor;
        };
        const found: string[] = [];
        for (const element of document.querySelectorAll(
          'p,li,th,td,small,a,button,h1,h2,h3,summary,svg text',
        )) {
          if (element.closest('[hidden]') !== null || element.classList.contains('onheat')) continue;
          const style = getComputedStyle(element);
          const ink = light(element instanceof SVGElement ? style.fill : style.color);
          const ground = light(groundOf(element));
          const contrast = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
          if (contrast < 4.5) found.push(`${element.tagName} ${element.className} ${contrast.toFixed(2)}`);
        }
        return [...new Set(found)];
      });
      expect(faint).toEqual([]);
      await page.context().close();
    },
  );

  it('prints light, unfolded and without buttons', async () => {
    const { page } = await open({ colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe(
      'rgb(255, 255, 255)',
    );
    expect(await page.locator('details:not([open])').count()).toBe(0);
    expect(await page.locator('.button:visible, nav:visible').count()).toBe(0);
    await page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    expect(await page.locator('details:not([open])').count()).toBeGreaterThan(0);
    const pdf = await page.pdf({ format: 'A4' });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    await page.context().close();
  });

  it('names every picture and control for those who do not see them', async () => {
    const { page } = await open();
    const nameless = await page.evaluate(() => {
      const named = (element: Element) =>
        (element.getAttribute('aria-label') ?? element.textContent ?? '').trim() !== '' ||
        element.closest('label') !== null ||
        element.getAttribute('aria-hidden') === 'true';
      const all = document.querySelectorAll('svg, canvas, [role="img"], button, select, input, nav, a');
      return [...all].filter((element) => !named(element)).map((element) => element.outerHTML.slice(0, 80));
    });
    expect(nameless).toEqual([]);
    await page.context().close();
  });

  it('stands without groups', async () => {
    const { page, complaints } = await open();
    const bare = { ...sampleMaps, columns: [], colorBy: [], maps: sampleMaps.maps.slice(0, 1) };
    const other = join(folder, 'bare.html');
    writeFileSync(other, renderTaskReport({ ...sampleReport, sections: [bare] }));
    await page.goto(pathToFileURL(other).href);
    expect((await ink(page, 0)).drawn).toBeGreaterThan(1000);
    expect(await page.locator('canvas').count()).toBe(1);
    expect(await page.locator('.key').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('draws 50,000 cells on eight maps quickly', async () => {
    const large = join(folder, 'large.html');
    writeFileSync(large, renderTaskReport(demoReport(50_000)));
    const { page, complaints } = await open();
    await page.goto(pathToFileURL(large).href);
    expect(await page.locator('canvas').count()).toBe(8);
    const milliseconds = await page.evaluate(() => {
      const started = performance.now();
      document.querySelector<HTMLElement>('#before-after .key')!.click();
      return performance.now() - started;
    });
    for (const map of [0, 3, 5]) expect((await ink(page, map)).drawn).toBeGreaterThan(10_000);
    expect(milliseconds).toBeLessThan(3000);
    expect(complaints).toEqual([]);
    console.log(`two maps of 50,000 cells redrawn in ${Math.round(milliseconds)} ms`);
    await page.context().close();
  });
});
