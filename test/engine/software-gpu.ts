/** @file WebGPU without a graphics card: SwiftShader, which comes with Debian's chromium, for the native runtime. */

import { existsSync } from 'node:fs';
import { constants } from 'node:os';

const loader = '/usr/lib/chromium/libvulkan.so.1';
const driver = '/usr/lib/chromium/vk_swiftshader_icd.json';
/** Keeps a library in memory when it is closed (dlfcn.h). */
const keepLoaded = 0x1000;

/** Makes SwiftShader known to this process, where it is installed. Call it before a device is opened. */
export function provideSoftwareGpu(): boolean {
  if (!existsSync(loader) || !existsSync(driver)) return false;
  process.env.VK_ICD_FILENAMES = driver;
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | keepLoaded);
  } catch {
    // It is no module of Node, which says so and closes it; loaded it stays, and the runtime finds it by its name.
  }
  return true;
}
