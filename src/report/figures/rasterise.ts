/** @file Turns SVG into PNG through resvg, which is optional and runs in Node. */

import { DeviceError } from '../../support/errors.ts';

/** Turns a chart that stands alone into pixels, two to a unit. */
export type Rasterise = (svg: string) => Uint8Array;

/**
 * Loads resvg. Words are written with the system's fonts, so PNG files differ between systems that have others.
 *
 * @throws DeviceError when resvg is not installed, or there are no fonts to write with
 */
export async function openRasteriser(): Promise<Rasterise> {
  const { Resvg } = await import('@resvg/resvg-js').catch((cause: unknown) => {
    throw new DeviceError({
      what: 'figures cannot be made into PNG: the package @resvg/resvg-js is not installed for this system',
      advice: 'Run npm install @resvg/resvg-js@2.6.2, or ask for SVG alone, which needs nothing.',
      reason: 'no_resvg',
      cause,
    });
  });
  const rasterise = (svg: string) =>
    new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { loadSystemFonts: true } }).render();
  if (!rasterise(probe).pixels.some((value) => value > 0)) {
    throw new DeviceError({
      what: 'figures cannot be made into PNG: this system has no fonts to write with',
      advice: 'Install some, such as the package fonts-dejavu, or ask for SVG alone.',
      reason: 'no_fonts',
    });
  }
  return (svg) => rasterise(svg).asPng();
}

/** Empty unless letters can be drawn. */
const probe =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text y="16" font-size="16" font-family="sans-serif">A</text></svg>';
