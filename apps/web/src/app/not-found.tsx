import Link from "next/link";
import { PageTitle } from "@/components/shell/page-title.tsx";

/** What stands at an address without a view. */
export default function NotFound() {
  return (
    <PageTitle title="Nothing grows here">
      <p>
        This address has no view.{" "}
        <Link href="/" prefetch={false} className="text-link">
          Start at the beginning
        </Link>
        .
      </p>
    </PageTitle>
  );
}
