import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import "#web/calendar/planning.css";

const exactly = { exact: true, includeSearch: false } as const;
const current = { "aria-current": "page" } as const;

/** What stops work, what lets it through in spite of a rule, and the pipelines that wait for an answer. */
export function BrakeTabs(): ReactElement {
  return (
    <nav className="calendar-tabs" aria-label="Holds">
      <Link to="/holds" activeOptions={exactly} activeProps={current}>
        Holds and signals
      </Link>
      <Link to="/exemptions" activeOptions={exactly} activeProps={current}>
        Exemptions
      </Link>
      <Link to="/gates" activeOptions={exactly} activeProps={current}>
        Gates
      </Link>
    </nav>
  );
}
