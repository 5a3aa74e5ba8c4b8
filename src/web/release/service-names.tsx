import type { ReactElement } from "react";
import { Link } from "@tanstack/react-router";
import "./service.css";

/** Services by name, each leading to its page. */
export function ServiceNames({ names }: { readonly names: readonly string[] }): ReactElement {
  if (names.length === 0) return <span className="dim">none</span>;
  return (
    <span className="service-names">
      {names.map((name) => (
        <Link key={name} to="/services/$name" params={{ name }}>
          {name}
        </Link>
      ))}
    </span>
  );
}
