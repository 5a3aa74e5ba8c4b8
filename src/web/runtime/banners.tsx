import type { ReactElement } from "react";
import { useQuery } from "@tanstack/react-query";
import { Icon } from "#web/ui/icons.tsx";
import { absolute, bothZones, viewerZone } from "#web/ui/time.ts";
import { clockQuery, shiftText, useNow } from "./clock.ts";
import { useStreamLight } from "./stream.tsx";

/** Says that the product decides by another time than the real one. */
export function ClockBanner(): ReactElement | null {
  const { data } = useQuery(clockQuery);
  const now = useNow(1000);
  const shift = data === undefined ? null : shiftText(data.shiftMs);
  if (shift === null) return null;
  const zone = viewerZone();
  return (
    <div className="banner tone-wait">
      <Icon name="clock" />
      <span>
        Demonstration clock:{" "}
        <time dateTime={now.toString()} title={bothZones(now, zone)}>
          {absolute(now, zone)}
        </time>
        , {shift}
      </span>
    </div>
  );
}

/** Says that the page no longer follows by itself. */
export function PausedBanner(): ReactElement {
  const light = useStreamLight();
  const isDown = light === "paused" || light === "refused";
  return (
    <output className="banners">
      {isDown && (
        <span className="banner tone-bad">
          <Icon name="warning" />
          <span>
            {light === "paused"
              ? "Live updates are paused: the server does not answer. What you see may be old; reconnecting."
              : "Live updates are refused by the server. Reload the page or log in again."}
          </span>
        </span>
      )}
    </output>
  );
}

/** The light in the head of the page: a word and an icon. */
export function StreamLightText(): ReactElement {
  const light = useStreamLight();
  if (light === "live") {
    return (
      <span className="light tone-good">
        <Icon name="live" />
        Live
      </span>
    );
  }
  return (
    <span className={`light ${light === "connecting" ? "tone-rest" : "tone-bad"}`}>
      <Icon name={light === "connecting" ? "clock" : "hold"} />
      {light === "connecting" ? "Connecting" : "Paused"}
    </span>
  );
}
