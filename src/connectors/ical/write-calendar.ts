import ICAL from "ical.js";
import type { FeedEntry } from "#core/calendar/business/feed.ts";

/** Lets programs ask again without hammering; calendars of people refresh more seldom anyway. */
const refreshEvery = "PT15M";

/** iCalendar text of a feed (RFC 5545), times in UTC. Equal entries make an equal text, byte for byte. */
export function writeCalendar(name: string, entries: readonly FeedEntry[]): string {
  const properties = [
    ["prodid", {}, "text", "-//Tidegate//Release calendar//EN"],
    ["version", {}, "text", "2.0"],
    ["calscale", {}, "text", "GREGORIAN"],
    ["method", {}, "text", "PUBLISH"],
    ["x-wr-calname", {}, "text", name],
    ["refresh-interval", {}, "duration", refreshEvery],
  ];
  const text = ICAL.stringify(["vcalendar", properties, entries.map(toComponent)]);
  // One line break ends the last line; an empty line behind it would be one that is no content line.
  return `${text.trimEnd()}\r\n`;
}

function toComponent(entry: FeedEntry): unknown[] {
  return [
    "vevent",
    [
      ["uid", {}, "text", entry.uid],
      ["dtstamp", {}, "date-time", utc(entry.changedAt)],
      ["last-modified", {}, "date-time", utc(entry.changedAt)],
      ["sequence", {}, "integer", entry.sequence],
      ["dtstart", {}, "date-time", utc(entry.from)],
      ["dtend", {}, "date-time", utc(entry.to)],
      ["summary", {}, "text", entry.summary],
      ["description", {}, "text", entry.description],
      ["categories", {}, "text", entry.category],
      ["status", {}, "text", entry.status],
      ["transp", {}, "text", entry.category === "opening" ? "TRANSPARENT" : "OPAQUE"],
    ],
    [],
  ];
}

function utc(at: Temporal.Instant): string {
  return at.toString({ smallestUnit: "second" });
}
