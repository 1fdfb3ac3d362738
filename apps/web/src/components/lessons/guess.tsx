import { GUESSES } from "@/lib/lessons.ts";

interface GuessProps {
  readonly value: number | null;
  readonly locked: boolean;
  readonly onChange: (status: number) => void;
}

/** What the reader expects the server to say. */
export function Guess({ value, locked, onChange }: GuessProps) {
  return (
    <fieldset disabled={locked}>
      <legend className="font-display text-xl font-semibold">What will the server say?</legend>
      <div className="mt-3 grid gap-2">
        {GUESSES.map(({ status, text }) => (
          <label
            key={status}
            htmlFor={`guess-${status}`}
            className="flex items-center gap-3 rounded-md border border-rule bg-paper px-3 py-2 text-sm has-checked:border-iris has-checked:bg-iris-soft"
          >
            <input
              id={`guess-${status}`}
              type="radio"
              name="guess"
              checked={value === status}
              onChange={() => onChange(status)}
              className="size-4 accent-iris"
            />
            {text}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
