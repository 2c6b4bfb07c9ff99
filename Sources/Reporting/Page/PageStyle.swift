extension Page {
  static let style = """
    body{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;
    color:#1b1b1b;background:#fff;margin:0}
    header,main,footer{max-width:1240px;margin:0 auto;padding:0 24px}
    header{padding-top:28px}h1{font-size:26px;margin:0 0 6px}
    h2{font-size:21px;margin:38px 0 6px;padding-top:14px;border-top:2px solid #ddd}
    h3{margin:0;font-size:16px}
    nav{position:sticky;top:0;background:#fffffff2;border-bottom:1px solid #ddd;z-index:2;
    padding:8px 24px;text-align:center}
    nav a{margin:0 11px;color:#114;text-decoration:none;white-space:nowrap}
    nav a:hover{text-decoration:underline}
    section{scroll-margin-top:44px}
    .lead{color:#444;margin:0 0 14px}
    .cards{display:flex;flex-wrap:wrap;gap:16px;margin:16px 0}
    .card{flex:1 1 280px;border:1px solid #ddd;border-radius:8px;padding:12px 16px;
    background:#fafafa}
    .card p{margin:4px 0;color:#444}.card ol{margin:4px 0;padding-left:20px}
    .swatch{display:inline-block;width:11px;height:11px;border-radius:2px;margin-right:4px}
    dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:12px 0}
    dt{color:#666}dd{margin:0;overflow-wrap:anywhere}
    .scroll{overflow-x:auto;margin:16px 0}
    table.data{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
    table.data caption{text-align:left;color:#444;padding-bottom:8px;max-width:1180px}
    table.data caption b{color:#111;display:block;font-size:15px}
    table.data th,table.data td{padding:3px 9px;text-align:right;white-space:nowrap}
    table.data th{font-weight:600;vertical-align:bottom}
    table.data th.group{text-align:center;border-bottom:1px solid #bbb}
    table.data .l{text-align:left}
    table.data thead{border-top:2px solid #333;border-bottom:1px solid #333}
    table.data tbody{border-bottom:2px solid #333}
    table.data tbody tr:hover{background:#eef3fa}
    table.data tr.sort th{cursor:pointer}
    table.data tr.new td{border-top:1px solid #ddd}
    .unit{font-weight:400;color:#666}.best{font-weight:700;background:#e6f1e6}
    .bad{color:#a33;font-style:italic}.none{color:#888}
    figure{margin:18px 0}figure svg{max-width:100%;height:auto}
    figcaption{color:#444;font-size:13.5px;max-width:1100px}
    details{margin:8px 0;border:1px solid #ddd;border-radius:6px;padding:6px 12px}
    summary{cursor:pointer}
    footer{color:#333;padding-bottom:40px;font-size:13.5px}
    svg g[class^=s]{transition:opacity .12s}
    svg.focus g[class^=s]{opacity:.12}svg.focus g.on{opacity:1}
    @media print{nav{display:none}}
    """

  /// Sorting by a click on a heading, and a method that stands out under the pointer.
  static let script = """
    document.querySelectorAll('tr.sort').forEach(row=>[...row.cells].forEach((th,i)=>{
    th.title='sort';th.onclick=()=>{const body=th.closest('table').tBodies[0],
    up=th.dataset.up=th.dataset.up==='1'?'0':'1';
    const key=r=>{const c=r.cells[i];if(c.dataset.v===undefined)return c.className==='none'?null:
    c.textContent;return c.dataset.v==='inf'?Infinity:c.dataset.v==='-inf'?-Infinity:+c.dataset.v};
    [...body.rows].sort((a,b)=>{const x=key(a),y=key(b);if(x===null||y===null)
    return (x===null)-(y===null);return (x<y?-1:x>y?1:0)*(up==='1'?1:-1)})
    .forEach(r=>body.append(r))}}));
    document.querySelectorAll('figure svg').forEach(svg=>{
    svg.addEventListener('mouseover',e=>{const g=e.target.closest('g[class^=s]');
    svg.querySelectorAll('g.on').forEach(o=>o.classList.remove('on'));
    svg.classList.toggle('focus',!!g);if(g){const s=g.classList[0];
    svg.querySelectorAll('g.'+s).forEach(o=>o.classList.add('on'))}});
    svg.addEventListener('mouseleave',()=>svg.classList.remove('focus'))});
    """
}
