/** @file The built library in a real page: embeddings by WebAssembly and WebGPU against the reference's numbers. */

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { createEmbedder } from '../../../src/model/embedder.ts';
import type { availableDevices, DeviceName, openDevice } from '../../../src/runtime/device.ts';
import type { StateDict } from '../../../src/support/tensor.ts';
import { readCase } from '../../engine/model/fixture.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path));
const built = existsSync(join(root, 'dist/model/embedder.js'));

/** Bare imports of the library, as a bundler would resolve them. */
const imports = {
  zod: '/node_modules/zod/index.js',
  'onnxruntime-web/wasm': '/node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs',
  'onnxruntime-web/webgpu': '/node_modules/onnxruntime-web/dist/ort.webgpu.bundle.min.mjs',
};

const html = `<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
  import { availableDevices, openDevice } from '/dist/runtime/device.js';
  import { createEmbedder } from '/dist/model/embedder.js';
  globalThis.library = { availableDevices, openDevice, createEmbedder };
</script>`;

const contentTypes: Record<string, string> = {
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/** Serves the repository to a cross-origin isolated page. */
function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (path === '/') {
      response.setHeader('Content-Type', 'text/html');
      response.end(html);
    } else if (existsSync(join(root, path))) {
      response.setHeader('Content-Type', contentTypes[extname(path)] ?? 'application/octet-stream');
      response.end(readFileSync(join(root, path)));
    } else {
      response.writeHead(404).end();
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

let server: Server | undefined;
let browser: Browser | undefined;
let page: Page;

beforeAll(async () => {
  if (executablePath === undefined || !built) return;
  server = await serve();
  const args = [
    '--no-sandbox',
    '--enable-unsafe-webgpu',
    '--use-angle=swiftshader',
    '--enable-features=Vulkan',
  ];
  browser = await chromium.launch({ executablePath, args });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'library' in globalThis);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
});

beforeEach((context) => {
  if (executablePath === undefined) context.skip('needs chromium (Debian package chromium)');
  if (!built) context.skip('needs the built library (npm run build)');
});

interface Job {
  readonly device: DeviceName;
  /** JSON of a `ModelConfig`. */
  readonly config: string;
  readonly state: readonly { name: string; shape: readonly number[]; data: number[] }[];
  readonly cells: number;
  readonly length: number;
  readonly lengths: number[];
  readonly genes: number[];
  readonly values: number[];
}

/** What the page puts at its top. */
interface Library {
  availableDevices: typeof availableDevices;
  openDevice: typeof openDevice;
  createEmbedder: typeof createEmbedder;
}

/** Runs in the page. */
async function embedInPage(job: Job): Promise<number[] | string> {
  const { availableDevices, openDevice, createEmbedder } = (globalThis as unknown as { library: Library })
    .library;
  if (!(await availableDevices()).includes(job.device)) return 'not available';
  const state: StateDict = new Map(
    job.state.map(({ name, shape, data }) => [
      name,
      { dtype: 'float32', shape, data: Float32Array.from(data) },
    ]),
  );
  const device = await openDevice({ device: job.device });
  const embedder = await createEmbedder(device, JSON.parse(job.config), state, { unitLength: false });
  const out = new Float32Array(job.cells * embedder.width);
  await embedder.embed(
    {
      cells: job.cells,
      length: job.length,
      lengths: Int32Array.from(job.lengths),
      genes: Int32Array.from(job.genes),
      values: Float32Array.from(job.values),
    },
    out,
  );
  await embedder.dispose();
  return [...out];
}

describe('in a page', () => {
  for (const device of ['wasm', 'webgpu'] as const) {
    it(`embeds cells by ${device}`, async (context) => {
      const fixture = await readCase('encode');
      const [cells, length] = fixture.tensor('in/src').shape;
      const valid = fixture.tensor('valid').data as Uint8Array;
      const embedded = await page.evaluate(embedInPage, {
        device,
        config: JSON.stringify(fixture.config),
        state: [...fixture.state].map(([name, { shape, data }]) => ({
          name,
          shape,
          data: Array.from(data, Number),
        })),
        cells,
        length,
        lengths: Array.from({ length: cells }, (_, cell) =>
          valid.subarray(cell * length, (cell + 1) * length).reduce((real, one) => real + one, 0),
        ),
        genes: Array.from(fixture.tensor('in/src').data, Number),
        values: Array.from(fixture.tensor('in/values').data, Number),
      });
      if (typeof embedded === 'string') return context.skip(`needs ${device} in chromium`);
      expect(embedded).toHaveLength(cells * fixture.config.embeddingSize);
      const shape = [cells, fixture.config.embeddingSize];
      fixture.check('cell_emb', { dtype: 'float32', shape, data: Float32Array.from(embedded) });
    });
  }
});
