/** @file Runs in the page: the one note beside the pointer. Refers to nothing outside itself. */

/** The note. */
export interface Tooltip {
  readonly show: (lines: readonly string[], event: PointerEvent) => void;
  readonly hide: () => void;
}

/** The note, which parts of charts that have one show by themselves. */
export function startTooltip(element: HTMLElement): Tooltip {
  function show([first, ...others]: readonly string[], event: PointerEvent): void {
    const line = (tag: string, content: string) => {
      const made = document.createElement(tag);
      made.textContent = content;
      return made;
    };
    element.replaceChildren(line('b', first), ...others.map((other) => line('span', other)));
    element.hidden = false;
    const { clientWidth, clientHeight } = document.documentElement;
    const left = Math.min(event.clientX + 14, clientWidth - element.offsetWidth - 8);
    const below = event.clientY + 18;
    const fits = below + element.offsetHeight < clientHeight;
    element.style.left = `${Math.max(8, left)}px`;
    element.style.top = `${fits ? below : event.clientY - element.offsetHeight - 12}px`;
  }

  function hide(): void {
    element.hidden = true;
  }

  function point(event: PointerEvent): void {
    const part = event.target instanceof Element ? event.target.closest('[data-tip]') : null;
    if (part !== null) show([part.getAttribute('data-tip')!], event);
    else if (!(event.target instanceof HTMLCanvasElement)) hide();
  }

  document.addEventListener('pointermove', point);
  document.addEventListener('pointerdown', point);
  document.addEventListener('scroll', hide, { passive: true, capture: true });
  return { show, hide };
}
