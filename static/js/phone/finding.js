// Whom a person means by what was typed: as kpm/finding.py, step by step, with the rules that the server sends along.
// A test asks both the same questions.
self.langkahFinding = (rules) => {
  'use strict';
  const BEGINS = 0.2, INSIDE = 0.25, INSIDE_BESIDE = 0.9, SOUNDS = 0.81, BEGINS_TO_SOUND = 0.85;
  const LEFT_OUT = 0.85, MORE_WORDS = 0.02, AS_ONE = 0.1;
  const DOUBLED = 0.7, SWAPPED = 0.8, LOST = 0.8, BESIDE = 0.9, BELOW = 0.95, ONE_MORE = 1.1, OTHER = 1.4;
  const ELSEWHERE = 0.3, MIXED = 1.1, MISSING = 2, GUESSED = 5;
  const PART_OF_CODE = 0.6, SLIP_IN_CODE = 1.5, SLIP_IN_PHONE = 1, NOT = 99;
  const LEAST_INSIDE = 3, LEAST_TO_SLIP = 2, LEAST_TO_SLIP_EARLY = 4, LEAST_AS_ONE = 6;
  const LEAST_OF_PHONE = 5, LEAST_TO_MISDIAL = 8, LIKE_ENOUGH = 0.45, CODE_LENGTH = 5;
  const KEYS = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

  const once = (reckon) => {
    const known = new Map();
    return (asked) => {
      if (!known.has(asked)) known.set(asked, reckon(asked));
      return known.get(asked);
    };
  };
  const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
  const least = (costs) => Math.min(NOT, ...costs);
  const fold = (text) => text.normalize('NFKD').toLowerCase().replace(/\p{Mn}/gu, '').replace(/['`\u2018\u2019\u02bc]/g, '');
  const short = new Map(rules.alamat);
  const wordsOf = once((text) => (fold(text).match(/[\p{L}\p{N}]+/gu) || []).map((word) => short.get(word) || word));
  const calling = new Set([...rules.gelar.map(([word]) => word), ...rules.alamat.map(([, word]) => word)]);
  const hear = (word, asNow = false) => {
    let heard = word;
    if (!asNow && /tj|dj|sj|nj|oe/.test(heard)) heard = heard.replace(/([tdsn]?)j/g, (found, before) => (before ? found : 'y'));
    rules.cari.forEach(([written, said]) => { heard = heard.split(written).join(said); });
    return heard.replace(/(.)\1+/gu, '$1');
  };
  const heardOf = once((word) => hear(word));
  const piecesOf = once((text) => {
    const found = new Set();
    text.split(' ').filter(Boolean).forEach((word) => {
      const padded = `  ${word} `;
      for (let at = 0; at < padded.length - 2; at += 1) found.add(padded.slice(at, at + 3));
    });
    return found;
  });

  const beside = new Map();
  const near = (one, other, cost) => [one + other, other + one].forEach((pair) => beside.set(pair, Math.min(cost, beside.has(pair) ? beside.get(pair) : cost)));
  rules.tukar.forEach(([one, other]) => near(one, other, BELOW));
  KEYS.forEach((keys, row) => Array.from(keys).forEach((key, at) => {
    if (keys[at + 1]) near(key, keys[at + 1], BESIDE);
    Array.from((KEYS[row + 1] || '').slice(Math.max(at - 1, 0), at + 1)).forEach((other) => near(key, other, BELOW));
  }));
  const slip = (typed, meant) => {
    if (Math.abs(typed.length - meant.length) > 1) return NOT;
    if (!(meant.slice(0, 2).includes(typed.slice(0, 1)) || typed.slice(0, 2).includes(meant.slice(0, 1)) || typed.slice(1, 2) === meant.slice(1, 2))) return NOT;
    const most = Math.min(typed.length, meant.length);
    let start = 0;
    while (start < most && typed[start] === meant[start]) start += 1;
    let end = 0;
    while (end < most - start && typed[typed.length - 1 - end] === meant[meant.length - 1 - end]) end += 1;
    const wrong = typed.slice(start, typed.length - end);
    const right = meant.slice(start, meant.length - end);
    const many = `${wrong.length}${right.length}`;
    if (many === '01') return LOST;
    if (many === '10') return wrong === typed.slice(start - 1 < 0 ? typed.length : start - 1, start) || wrong === typed.slice(start + 1, start + 2) ? DOUBLED : ONE_MORE;
    if (many === '11') return beside.has(wrong + right) ? beside.get(wrong + right) : OTHER;
    return many === '22' && wrong[0] === right[1] && wrong[1] === right[0] ? SWAPPED : NOT;
  };
  const begins = (asked, other) => {
    if (other.startsWith(asked)) return other === asked ? 0 : BEGINS;
    return slip(asked, other);
  };
  const number = (word) => /^\d*/.exec(word)[0];
  const wordCost = (asked, other, alone) => {
    if (asked === other) return 0;
    if (other.startsWith(asked)) return BEGINS;
    if (/\d/.test(asked + other)) return number(asked) === number(other) ? slip(asked, other) : NOT;
    const costs = [];
    if (asked.length >= LEAST_INSIDE && other.includes(asked)) costs.push(alone ? INSIDE : INSIDE_BESIDE);
    const slips = asked.length >= Math.min(LEAST_TO_SLIP, other.length - 1) && other.length >= LEAST_TO_SLIP + (alone ? 1 : 0);
    if (slips) costs.push(slip(asked, other));
    if (asked.length >= LEAST_TO_SLIP_EARLY && other.length > asked.length) costs.push(BEGINS + least([-1, 0, 1].map((more) => slip(asked, other.slice(0, asked.length + more)))));
    const own = heardOf(other);
    new Set([heardOf(asked), hear(asked, true)]).forEach((heard) => {
      if (heard && heard === own) costs.push(SOUNDS);
      else if (heard.length >= LEAST_INSIDE && own.startsWith(heard)) costs.push(BEGINS_TO_SOUND);
      if (slips && heard.length > LEAST_TO_SLIP) costs.push(SOUNDS + slip(heard, own));
    });
    return least(costs);
  };
  const phoneAsked = (text) => {
    const digits = text.replace(/[^0-9]/g, '');
    if (!/^[+0-9\s().-]+$/.test(text) || digits.length < LEAST_OF_PHONE) return '';
    for (const before of ['0062', '62', '0']) {
      if (digits.startsWith(before) && digits.length - before.length >= LEAST_OF_PHONE - 1) return digits.slice(before.length);
    }
    return digits;
  };
  const surest = (...hits) => hits.reduce((one, other) => (other < one ? other : one));

  // What is asked of `homes` ({case, name, people, address, dusun, group, phone, rt, rw}).
  const ask = (question, homes) => {
    const said = fold(question.split('\0').join(''));
    const PLACE = /\br([tw])[\s.]*0*([0-9]{1,3})\b/g;
    const place = Array.from(said.matchAll(PLACE), ([, sign, digits]) => [`r${sign}`, Number(digits)]);
    const whole = place.length ? wordsOf(said).join('') : '';
    const text = said.replace(PLACE, ' ').split(/\s+/).filter(Boolean).join(' ');
    const words = wordsOf(text);
    const digits = phoneAsked(text);
    if (!words.length && !digits) return [];
    const withoutCalls = words.filter((word) => !calling.has(word));
    const free = new Set(withoutCalls.length ? words.filter((word) => calling.has(word)) : []);
    const telling = words.map((_, at) => at).filter((at) => !free.has(words[at]));
    const alone = words.length === 1;
    const joined = words.join('');
    const pieces = /\p{L}/u.test(text) ? piecesOf(words.join(' ')) : null;
    const code = /^(pkh[-\s\u2010-\u2015]*)?([0-9a-z]{1,5})$/.exec(text);
    const symbols = code ? code[2].replace(/[il]/g, '1').replace(/o/g, '0') : '';

    const spoken = homes.map((home) => {
      const names = [home.name, ...home.people].map(wordsOf);
      const places = [home.address, home.dusun, home.group].map(wordsOf);
      return { home, names, places, words: new Set([...names, ...places].flat()), joined: names.map((name) => name.join('')) };
    });
    const vocabulary = new Set(spoken.flatMap((its) => Array.from(its.words)));
    const known = words.map((word) => new Map(Array.from(vocabulary, (other) => [other, wordCost(word, other, alone)]).filter(([, cost]) => cost < NOT)));
    const asOne = new Map();
    if (joined.length >= LEAST_AS_ONE) {
      spoken.forEach((its) => its.joined.forEach((name) => {
        const cost = begins(joined, name);
        if (cost < NOT) asOne.set(name, AS_ONE + cost);
      }));
    }

    const isElsewhere = (home) => place.some(([name, at]) => home[name] !== at);
    const groupCost = (its) => (place.length && its.places[2].length ? Math.min(NOT, BEGINS + begins(whole, its.places[2].join(''))) : NOT);
    const meets = (at, its) => Array.from(its.words).some((word) => known[at].has(word));
    const mayMean = (its) => {
      if (isElsewhere(its.home)) return groupCost(its) < NOT;
      if (digits || symbols) return true;
      return its.joined.some((name) => asOne.has(name)) || telling.every((at) => meets(at, its));
    };
    const costsOf = (own) => words.map((word, at) => Math.min(free.has(word) ? LEFT_OUT : NOT, ...own.map((other) => (known[at].has(other) ? known[at].get(other) : NOT))));
    const oneEach = (costs, own) => {
      if (alone || Math.max(...costs) >= NOT) return Math.min(sum(costs), NOT);
      const pairs = [];
      known.forEach((costsOfWord, at) => own.forEach((other, there) => { if (costsOfWord.has(other)) pairs.push([costsOfWord.get(other), at, there]); }));
      pairs.sort((one, other) => one[0] - other[0] || one[1] - other[1] || one[2] - other[2]);
      const given = new Map();
      const taken = new Set();
      pairs.forEach(([cost, at, there]) => { if (!given.has(at) && !taken.has(there)) { given.set(at, cost); taken.add(there); } });
      if (telling.some((at) => !given.has(at))) return NOT;
      return sum(Array.from(given.values())) + LEFT_OUT * (costs.length - given.size);
    };
    const wholeCost = (costs, own) => {
      if (!asOne.size && Math.min(...costs) >= NOT) return NOT;
      const more = Math.min(own.length - costs.length, alone ? 1 : own.length);
      const together = words.length === own.length ? NOT : asOne.get(own.join('')) || NOT;
      return Math.min(oneEach(costs, own) + MORE_WORDS * Math.max(more, 0), together);
    };
    const codeCost = (home) => {
      const own = home.case.split('-')[1].toLowerCase();
      if (!symbols) return NOT;
      if (own.startsWith(symbols)) return code[1] || symbols.length === CODE_LENGTH ? 0 : PART_OF_CODE;
      const isWhole = symbols.length === CODE_LENGTH && (code[1] || /\d/.test(symbols));
      return isWhole && slip(symbols, own) < NOT ? SLIP_IN_CODE : NOT;
    };
    const phoneCost = (home) => {
      const own = home.phone.replace(/^\+62/, '');
      if (!digits || !own) return NOT;
      if (home.phone.includes(digits)) return 0;
      return digits.length >= LEAST_TO_MISDIAL && slip(digits, own) < NOT ? SLIP_IN_PHONE : NOT;
    };
    const cost = (its) => {
      const best = surest(codeCost(its.home), phoneCost(its.home), groupCost(its));
      if (!words.length) return best;
      const [own, ...people] = its.names.map(costsOf);
      const places = its.places.map(costsOf);
      const alike = surest(
        best, wholeCost(own, its.names[0]),
        ...people.map((costs, at) => ELSEWHERE + wholeCost(costs, its.names[at + 1])),
        ...places.map((costs, at) => ELSEWHERE + oneEach(costs, its.places[at])),
      );
      if (alone || alike <= ELSEWHERE + MIXED) return alike;
      const mixed = sum(words.map((_, at) => Math.min(own[at], ...people.map((costs) => costs[at]), ...places.map((costs) => costs[at]))));
      return surest(alike, Math.min(ELSEWHERE + MIXED + mixed, NOT));
    };
    const nearly = (its) => {
      if (isElsewhere(its.home)) return NOT;
      const hits = [NOT];
      if (telling.length > 1 && telling.filter((at) => meets(at, its)).length >= telling.length - 1) {
        [...its.names, its.places[0]].forEach((own, field) => {
          const costs = costsOf(own);
          if (telling.filter((at) => costs[at] >= NOT).length === 1) hits.push(MISSING + sum(costs.filter((one) => one < NOT)) + (field ? ELSEWHERE : 0));
        });
      }
      if (pieces) {
        its.names.forEach((own) => {
          const theirs = piecesOf(own.join(' '));
          const common = Array.from(pieces).filter((one) => theirs.has(one)).length;
          const all = pieces.size + theirs.size - common;
          if (common >= LIKE_ENOUGH * all) hits.push(GUESSED - common / all);
        });
      }
      return surest(...hits);
    };

    let found = spoken.filter(mayMean).map((its) => [cost(its), its.home]).filter(([sure]) => sure < NOT);
    if (!found.length) found = spoken.map((its) => [nearly(its), its.home]).filter(([sure]) => sure < NOT);
    const round = (sure) => Math.round(sure * 100);
    return found
      .sort(([one, here], [other, there]) => round(one) - round(other) || (there.seen_on || '').localeCompare(here.seen_on || '') || (here.name.toLowerCase() < there.name.toLowerCase() ? -1 : 1))
      .map(([, home]) => home);
  };
  return ask;
};
