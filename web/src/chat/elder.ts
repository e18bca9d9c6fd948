// 大字版: the customer's own choice, or what the bank knows of them.

import { useEffect, useState } from "react";

const ELDER_KEY = "teller.elder";

export function useElder(fromBank: boolean | undefined): [boolean, () => void] {
  const [chosen, setChosen] = useState(readChoice);
  const elder = chosen ?? fromBank ?? false;
  useEffect(() => {
    document.documentElement.classList.toggle("elder", elder);
  }, [elder]);
  const toggle = () => {
    setChosen(!elder);
    try {
      localStorage.setItem(ELDER_KEY, String(!elder));
    } catch {
      // Storage may be blocked; the choice lasts for this page.
    }
  };
  return [elder, toggle];
}

function readChoice(): boolean | undefined {
  try {
    const stored = localStorage.getItem(ELDER_KEY);
    return stored === null ? undefined : stored === "true";
  } catch {
    return undefined;
  }
}
