import type { ReactElement } from "react";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { span } from "#web/ui/time.ts";
import { Badge, ErrorNote, TimeText } from "#web/ui/widgets.tsx";
import { useRotas, type RotaSource } from "./planning-queries.ts";
import { rotaLook } from "./sources.ts";

/** Where the shifts of each team come from: how old, how far they reach, and why reading them fails. */
export function RotaPanel(): ReactElement {
  const { data, error } = useRotas();
  return (
    <Panel title="Rotas" side="imported and subscribed; those of the configuration are always current">
      {error !== null && <ErrorNote error={error} />}
      {data?.items.length === 0 && <p className="small dim">No rota was imported, and none is subscribed to.</p>}
      {data !== undefined && data.items.length > 0 && (
        <ul className="covers" aria-label="Rotas">
          {data.items.map((one) => (
            <RotaLine key={`${one.team} ${one.source}`} of={one} />
          ))}
        </ul>
      )}
    </Panel>
  );
}

function RotaLine({ of }: { readonly of: RotaSource }): ReactElement {
  const now = useNow(30_000);
  const { team, source, duties, until, ageSeconds, importedBy, lastAttemptAt, failure, failingSince } = of;
  const look = rotaLook(of, now);
  return (
    <li className="rota">
      <strong>{team}</strong>
      <div>
        <Badge tone={look.tone} icon={look.icon} label={look.label} />
        {failure !== null && (
          <p className="small">
            {failingSince !== null && (
              <>
                Since <TimeText at={failingSince} now={now} form="absolute" />:{" "}
              </>
            )}
            {failure}
          </p>
        )}
      </div>
      <p className="small dim">
        {source}, {duties === 1 ? "1 duty" : `${duties} duties`}
        {ageSeconds !== null && `, ${span(ageSeconds)} old`}
        {importedBy !== null && `, by ${importedBy}`}
      </p>
      <p className="small dim">
        {until !== null && (
          <>
            Known until <TimeText at={until} now={now} form="absolute" />.{" "}
          </>
        )}
        {lastAttemptAt !== null && (
          <>
            Last try <TimeText at={lastAttemptAt} now={now} />.
          </>
        )}
      </p>
    </li>
  );
}
