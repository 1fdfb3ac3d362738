import { useEffect, useState } from "react";

function secondsUntil(time: number): number {
  return Math.max(0, Math.ceil((time - Date.now()) / 1000));
}

/** Whole seconds until a time (milliseconds since the epoch), counted down to 0. */
export function useSecondsUntil(time: number): number {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const tick = () => setSeconds(secondsUntil(time));
    tick();
    const timer = setInterval(tick, 250);
    return () => clearInterval(timer);
  }, [time]);
  return seconds;
}
