import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import "#web/calendar/planning.css";
import "#web/release/deployments.css";
import "./plan.css";

const exactly = { exact: true, includeSearch: false } as const;
const current = { "aria-current": "page" } as const;

/** What is under way, the plans that people wrote down, and what their steps share. */
export function PlanTabs(): ReactElement {
  return (
    <nav className="calendar-tabs" aria-label="Runs">
      <Link to="/runs" activeOptions={exactly} activeProps={current}>
        Runs
      </Link>
      <Link to="/runbooks" activeOptions={exactly} activeProps={current}>
        Runbooks
      </Link>
      <Link to="/waves" activeOptions={exactly} activeProps={current}>
        Waves
      </Link>
      <Link to="/resources" activeOptions={exactly} activeProps={current}>
        Shared resources
      </Link>
    </nav>
  );
}
