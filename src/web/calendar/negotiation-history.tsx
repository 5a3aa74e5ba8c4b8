import type { ReactElement } from "react";
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { meQuery } from "#web/access/session.ts";
import { answered, api } from "#web/api.ts";
import { useNow } from "#web/runtime/clock.ts";
import { Panel } from "#web/ui/page.tsx";
import { ReasonDialog } from "#web/ui/reason-dialog.tsx";
import { Badge, TimeText } from "#web/ui/widgets.tsx";
import { Reasons, Score } from "./advice-view.tsx";
import { spanOf } from "./days.ts";
import { actsOn, deltaText, positionLook, standingOf, type Standing } from "./negotiation.ts";
import { slotsKey, type Negotiation, type Position } from "./planning-queries.ts";
import type { SlotSearch } from "./search.ts";
import { SlotTimes } from "./slot-times.tsx";
import { spanInZones } from "./words.ts";

interface HistoryProps {
  readonly talk: Negotiation;
  readonly zone: string;
  readonly search: SlotSearch;
  /** Whether the booking waits still and the viewer may negotiate. */
  readonly canAct: boolean;
  readonly onChange: (part: SlotSearch) => void;
}

/** Every position that was taken, newest first, with what the viewer can still do about it. */
export function NegotiationHistory({ talk, zone, search, canAct, onChange }: HistoryProps): ReactElement {
  const { data: me } = useQuery(meQuery);
  const standing = standingOf(talk.positions);
  const asked = canAct ? standing.find(({ position }) => position.proposal === search.slot) : undefined;
  return (
    <Panel
      title="Negotiation"
      side={
        talk.positions.length === 0
          ? undefined
          : talk.positions.length === 1
            ? "1 position"
            : `${talk.positions.length} positions`
      }
    >
      {talk.positions.length === 0 && (
        <p className="small dim">Nobody has proposed another slot. Every position stays on record.</p>
      )}
      <ol className="positions">
        {talk.positions.toReversed().map((position) => (
          <PositionItem
            key={position.id}
            position={position}
            zone={zone}
            standing={standing.find((one) => one.position.id === position.id)}
            person={canAct ? (me?.person ?? null) : null}
            onAsk={(ask) => onChange({ ask, slot: position.proposal })}
          />
        ))}
      </ol>
      {asked !== undefined && search.ask !== undefined && (
        <PositionDialog
          talk={talk}
          zone={zone}
          standing={asked}
          ask={search.ask}
          onClose={() => onChange({ ask: undefined, slot: undefined })}
        />
      )}
    </Panel>
  );
}

interface ItemProps {
  readonly position: Position;
  readonly zone: string;
  /** Undefined: it is no proposal, or was withdrawn. */
  readonly standing: Standing | undefined;
  /** Null: nothing can be done. */
  readonly person: string | null;
  readonly onAsk: (ask: "accept" | "withdraw") => void;
}

function PositionItem({ position, zone, standing, person, onAsk }: ItemProps): ReactElement {
  const now = useNow(30_000);
  const look = positionLook(position.kind);
  const acts = standing === undefined || person === null ? null : actsOn(standing, person);
  return (
    <li className="position" data-position={position.kind}>
      <p className="row small">
        <Badge tone={look.tone} icon={look.icon} label={look.label} />
        <span>
          by <strong>{position.person}</strong>
        </span>
        <span className="dim">
          <TimeText at={position.at} now={now} />
        </span>
      </p>
      <div className="position-body">
        <Score score={position.score} />
        <SlotTimes span={position} zone={zone} />
        <div className="small">
          {position.reason !== null && <p>“{position.reason}”</p>}
          {position.kind === "proposed" && <p className="dim">{deltaText(position.delta)}</p>}
          {position.kind === "proposed" && (
            <details className="obstacles">
              <summary>Reasons of the score</summary>
              <Reasons reasons={position.reasons} />
            </details>
          )}
        </div>
      </div>
      {acts !== null && (
        <div className="row">
          {acts.mayAccept && (
            <Button size="xs" onClick={() => onAsk("accept")}>
              Accept this slot
            </Button>
          )}
          {acts.mayWithdraw && (
            <Button size="xs" variant="default" onClick={() => onAsk("withdraw")}>
              Withdraw
            </Button>
          )}
          {!acts.mayAccept && standing?.acceptedBy === null && (
            <span className="small dim">You proposed it, so somebody else has to accept it.</span>
          )}
        </div>
      )}
    </li>
  );
}

interface DialogProps {
  readonly talk: Negotiation;
  readonly zone: string;
  readonly standing: Standing;
  readonly ask: "accept" | "withdraw";
  readonly onClose: () => void;
}

function PositionDialog({ talk, zone, standing, ask, onClose }: DialogProps): ReactElement {
  const queries = useQueryClient();
  const { position } = standing;
  const params = { id: talk.deployment, slot: position.proposal };
  const act = useMutation({
    mutationFn: (reason: string | null) =>
      answered(
        ask === "accept"
          ? api.acceptSlot({ params, body: { reason } })
          : api.withdrawSlot({ params, body: { reason: reason ?? "" } }),
      ),
    onSuccess: async (changed) => {
      queries.setQueryData(slotsKey(talk.deployment), changed);
      onClose();
      await queries.invalidateQueries();
    },
  });
  const when = spanInZones(spanOf(position), [zone])[0]?.text ?? "";
  return (
    <ReasonDialog
      title={ask === "accept" ? "Accept this slot" : "Withdraw the proposal"}
      subject={when}
      consequence={
        ask === "accept"
          ? "It becomes the planned span of the booking, which does not start before it. It is judged again now."
          : "The proposal, and an agreement that rests on it, ends. The positions stay on record."
      }
      reason={ask === "accept" ? "optional" : "required"}
      confirm={ask === "accept" ? "Accept" : "Withdraw"}
      tone={ask === "accept" ? "good" : "bad"}
      isBusy={act.isPending}
      error={act.error}
      onConfirm={(reason) => act.mutate(reason)}
      onClose={onClose}
    />
  );
}
