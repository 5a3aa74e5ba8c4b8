import { useEffect, type RefObject } from "react";

/** Fields take letters; there `j` and `k` are text. */
function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

/** `j` and `k` move the focus through the links marked `data-row-link`; `Enter` is the link's own. */
export function useRowKeys(within: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const move = (event: KeyboardEvent): void => {
      if (event.key !== "j" && event.key !== "k") return;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('[role="dialog"]') !== null) return;
      const links = [...(within.current?.querySelectorAll<HTMLElement>("[data-row-link]") ?? [])];
      const current = links.findIndex((link) => link === document.activeElement);
      const next = links[current === -1 ? 0 : current + (event.key === "j" ? 1 : -1)];
      next?.focus();
    };
    document.addEventListener("keydown", move);
    return () => document.removeEventListener("keydown", move);
  }, [within]);
}
