import { useEffect, useRef, type ReactElement, type ReactNode } from "react";

interface AnchoredProps {
  readonly id: string;
  readonly children: ReactNode;
}

/** A part of a page that links lead to. It comes after its page, so it scrolls itself into view. */
export function Anchored({ id, children }: AnchoredProps): ReactElement {
  const part = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (location.hash === `#${id}`) part.current?.scrollIntoView();
  }, [id]);
  return (
    <div id={id} ref={part} className="anchored">
      {children}
    </div>
  );
}
