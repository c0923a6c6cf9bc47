/** @file The report in a real browser: drawn from disk, without errors or network, and everything that can be touched works. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { renderReport } from '../../../src/report/render.ts';
import { hostile, sampleReport } from '../../unit/report/sample-report.ts';

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
  writeFileSync(file, renderReport(sampleReport));
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

  it('draws the cells of both maps', async () => {
    const { page } = await open();
    for (const map of [0, 1]) {
      const { drawn } = await ink(page, map);
      expect(drawn).toBeGreaterThan(199 * 10); // every cell some pixels
      expect(drawn).toBeLessThan(100_000); // and most of the map is empty
    }
    await page.context().close();
  });

  it('hides a group by its key, shows one alone by a double click, and all again', async () => {
    const { page } = await open();
    const keys = page.locator('.key');
    expect(await keys.allTextContents()).toEqual(['alpha67', 'beta66', 'gamma66', 'no value1']);
    const all = await ink(page, 0);
    await keys.nth(0).click();
    const without = await ink(page, 0);
    expect(await keys.nth(0).getAttribute('aria-pressed')).toBe('false');
    expect(without.drawn).toBeLessThan(0.8 * all.drawn);
    await keys.nth(1).dblclick();
    expect(await page.locator('.key[aria-pressed="true"]').allTextContents()).toEqual(['beta66']);
    await page.locator('#show-all').click();
    expect(await ink(page, 0)).toEqual(all);
    expect(await page.locator('#show-all').isVisible()).toBe(false);
    await page.context().close();
  });

  it('colours by another column, groups or numbers', async () => {
    const { page, complaints } = await open();
    const before = await ink(page, 0);
    await page.selectOption('#color-by', { label: 'depth' });
    expect(await page.locator('.scale small').allTextContents()).toEqual(['20', '1970']);
    expect((await ink(page, 0)).sum).not.toBe(before.sum);
    await page.selectOption('#color-by', '1');
    expect(await page.locator('.key span').allTextContents()).toEqual([hostile, 'plain']);
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => 'attacked' in window)).toBe(false);
    await page.context().close();
  });

  it('names the cell under the pointer and marks it in both maps', async () => {
    const { page } = await open();
    const box = (await page.locator('canvas').first().boundingBox())!;
    const tooltip = page.locator('#tooltip');
    let told = '';
    for (let x = 0.1; x < 0.9 && told === ''; x += 0.02) {
      await page.mouse.move(box.x + x * box.width, box.y + (1 - x) * box.height);
      if (await tooltip.isVisible()) told = (await tooltip.textContent())!;
    }
    const [, index, group] = /^cell-(\d+)type: (\w+)$/.exec(told)!;
    expect(group).toBe(['alpha', 'beta', 'gamma'][Number(index) % 3]);
    expect(await page.locator('.ring:visible').count()).toBe(2);
    await page.mouse.move(2, 2);
    expect(await tooltip.isVisible()).toBe(false);
    await page.context().close();
  });

  it('gives tables and cells as CSV', async () => {
    const { page } = await open({ acceptDownloads: true });
    const download = async (press: () => Promise<void>) => {
      const [saved] = await Promise.all([page.waitForEvent('download'), press()]);
      return { name: saved.suggestedFilename(), text: readFileSync(await saved.path(), 'utf8') };
    };
    const scores = await download(() => page.locator('a[download="scores.csv"]').click());
    expect(scores.name).toBe('scores.csv');
    expect(scores.text).toContain('type,3,neighbour_agreement,0.82,0.91,0.34\r\n');
    const cells = await download(() => page.locator('#cells-csv').click());
    const lines = cells.text.trimEnd().split('\n');
    expect(lines).toHaveLength(201);
    expect(lines[1]).toMatch(/^cell-0,,,,,alpha,/); // without a place
    expect(lines[2]).toMatch(/^cell-1,0\.\d{5},0\.\d{5},0\.\d{5},0\.\d{5},beta,plain,10$/);
    expect(lines[6].startsWith(`"${hostile.replaceAll('"', '""')}"`)).toBe(true);
    await page.context().close();
  });

  it.each([
    ['a phone', { viewport: { width: 390, height: 844 }, deviceScaleFactor: 3, hasTouch: true }],
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

  it('stands without groups, scores and baseline', async () => {
    const bare = {
      ...sampleReport,
      columns: [],
      colorBy: null,
      scores: [],
      baseline: { missing: 'One cell.' },
    };
    const other = join(folder, 'bare.html');
    writeFileSync(other, renderReport(bare));
    const { page, complaints } = await open();
    await page.goto(pathToFileURL(other).href);
    expect((await ink(page, 0)).drawn).toBeGreaterThan(1000);
    expect(await page.locator('canvas').count()).toBe(1);
    expect(await page.locator('.key').count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it('draws 50,000 cells quickly', async () => {
    const cellCount = 50_000;
    const values = Float32Array.from(
      { length: 2 * cellCount },
      (_, i) => Math.sin(i * i * 0.37) * (1 + (i % 2)),
    );
    const map = {
      ...sampleReport.map,
      layout: { kind: 'dense', dtype: 'float32', shape: [cellCount, 2], values },
    } as const;
    const codes = Int32Array.from({ length: cellCount }, (_, i) => i % 40);
    const groups = Array.from({ length: 40 }, (_, i) => `group ${i}`);
    const large = join(folder, 'large.html');
    writeFileSync(
      large,
      renderReport({
        ...sampleReport,
        cells: Array.from({ length: cellCount }, (_, i) => `cell-${i}`),
        map,
        baseline: { method: 'none', map, scores: [] },
        columns: [{ kind: 'groups', name: 'type', groups, codes }],
      }),
    );
    const { page } = await open();
    await page.goto(pathToFileURL(large).href);
    const milliseconds = await page.evaluate(() => {
      const started = performance.now();
      document.querySelector<HTMLElement>('.key')!.click();
      return performance.now() - started;
    });
    expect((await ink(page, 1)).drawn).toBeGreaterThan(10_000);
    expect(milliseconds).toBeLessThan(3000);
    console.log(`both maps of 50,000 cells redrawn in ${Math.round(milliseconds)} ms`);
    await page.context().close();
  });
});
