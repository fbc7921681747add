"""Whether a credential is still in force and its issuer is known: the codes of `vc` after the proof, and summaries."""

from __future__ import annotations

from typing import Final

STATUS: Final = {
    "status_absent": "La credencial, tal como se muestra, no indica ningún estado que se pueda consultar.",
    "status_clear": "El emisor no ha activado este estado ({detail}).",
    "status_clear_2021": "El emisor no ha activado este estado ({detail}), según una lista de un tipo anterior.",
    "status_clear_unsigned": "La lista de credenciales revocadas del emisor no incluye esta, pero las listas de ese "
    "tipo no van firmadas.",
    "status_message": "El emisor dice de esta credencial: {detail}",
    "refresh_available": "El emisor tiene una copia más reciente de esta credencial.",
    "status_repeated": "La credencial nombra dos veces el mismo estado ({detail}); se consultó una sola vez.",
    "status_twice": "La credencial nombra dos lugares para un mismo estado ({detail}); se consultaron los dos.",
    "status_unnamed": "No se pudo comprobar el estado, porque el emisor enumera identificadores y la credencial no "
    "tiene ninguno.",
    "index_malformed": "El lugar de la credencial en la lista de estado no es un número: {detail}",
    "revoked": "El emisor ha revocado esta credencial.",
    "suspended": "El emisor ha suspendido esta credencial por ahora; puede que vuelva a estar vigente.",
    "status_malformed": "No se entiende lo que la credencial dice sobre su estado: {detail}",
    "too_many_statuses": "La credencial nombra más estados de los que aquí se comprueban ({detail}).",
    "status_type_unknown": "No se pudo comprobar el estado, porque es de un tipo que aquí no se admite: {detail}",
    "status_size_unsupported": "No se pudo comprobar el estado, porque tiene más bits de los que aquí se leen: "
    "{detail}",
    "status_purpose_unknown": "El emisor publica además algo que no afecta a la validez: {detail}",
    "proof_not_held": "No se comprobó, porque la firma no es correcta o no se pudo comprobar.",
    "list_unreachable": "No se pudo comprobar el estado, porque no se pudo acceder a la lista del emisor: {detail}",
    "list_refused": "No se pudo comprobar el estado, porque no está permitido visitar la dirección de la lista: "
    "{detail}",
    "list_not_found": "No se pudo comprobar el estado, porque la lista del emisor ya no está: {detail}",
    "list_too_large": "No se pudo comprobar el estado, porque la lista del emisor es demasiado larga: {detail}",
    "list_not_json": "No se pudo comprobar el estado, porque la respuesta no era una lista de estado: {detail}",
    "list_not_asked": "No se pudo comprobar el estado, porque no se pidió la lista del emisor: {detail}",
    "list_rolled_back": "No se pudo comprobar el estado, porque el sitio web del emisor dio una lista más antigua que "
    "la anterior: {detail}",
    "list_not_historical": "No se pudo comprobar el estado tal como era en la fecha por la que se pregunta: {detail}",
    "list_proof_open": "No se pudo comprobar el estado, porque no se pudo comprobar la firma de la lista.",
    "list_wrong_type": "Lo que se publica como lista de estado no es una lista de estado.",
    "list_wrong_id": "La lista de estado no es la que nombra la credencial.",
    "list_foreign_issuer": "La lista de estado no la emitió el emisor de la credencial, sino otra persona o entidad.",
    "list_bad_proof": "La firma de la lista de estado no es correcta, así que la lista puede haber sido manipulada.",
    "list_unsigned": "La lista de estado no está firmada, así que cualquiera pudo escribirla.",
    "list_bad_dates": "No se pueden leer las fechas de la lista de estado.",
    "list_expired": "No se pudo comprobar el estado, porque la lista del emisor no está al día desde {detail}.",
    "list_not_yet_valid": "No se pudo comprobar el estado, porque la lista del emisor solo es válida desde {detail}.",
    "list_wrong_purpose": "La lista de estado trata de algo distinto de lo que dice la credencial: {detail}",
    "list_malformed": "No se entiende el contenido de la lista de estado.",
    "list_damaged": "El contenido de la lista de estado está dañado: {detail}",
    "list_bomb": "La lista de estado, al descomprimirse, contiene más de lo que cualquier lista de estado puede "
    "contener.",
    "list_multi_member": "La lista de estado contiene varias listas en una, que distintos programas leerían de "
    "distinta manera.",
    "list_trailing": "Detrás de la lista de estado hay algo que distintos programas leerían de distinta manera: "
    "{detail}",
    "list_too_short": "La lista de estado es más corta de lo que permite el estándar: {detail}",
    "index_out_of_range": "La lista de estado no tiene lugar para esta credencial: {detail}",
}

TIME: Final = {
    "valid_from_past": "La credencial ya es válida.",
    "valid_from_absent": "La credencial no dice desde cuándo es válida, así que vale desde el principio.",
    "valid_from_missing": "La credencial no dice desde cuándo es válida.",
    "valid_from_malformed": "No se puede leer la fecha desde la que la credencial es válida.",
    "not_yet_valid": "La credencial no es válida antes de {detail}.",
    "valid_until_future": "La credencial no ha caducado.",
    "valid_until_absent": "La credencial no tiene fecha de fin.",
    "valid_until_malformed": "No se puede leer la fecha de fin de la credencial.",
    "expired": "La credencial caducó el {detail}.",
    "period_reversed": "La fecha de fin de la credencial es anterior a la fecha desde la que es válida.",
}

TRUST: Final = {
    "issuer_here": "El emisor es conocido: este servicio emite en su nombre.",
    "issuer_in_registry": "El emisor es conocido: figura en un registro en el que usted confía.",
    "issuer_unknown": "El emisor no es conocido aquí ni figura en ningún registro en el que usted confíe; hay que "
    "averiguar quién es.",
    "registry_unasked": "No se sabe si el emisor es conocido, porque no se pudo consultar un registro: {detail}",
    "issuer_not_proven": "No se valoró si el emisor es conocido, porque nada demuestra que haya firmado esto.",
}

SUMMARIES: Final = {
    "accepted": "La credencial es auténtica y está vigente: la firmó su emisor, y nada ha cambiado desde entonces.",
    "review": "La credencial necesita que la valore una persona.",
    "rejected": "La credencial no se puede aceptar.",
    "open": "No se pudieron hacer todas las comprobaciones.",
    "listed": "El emisor figura como {detail}.",
    "unconfirmed": "Nadie ha confirmado quién es el emisor.",
    "in_part": "La persona titular eligió qué mostrar, así que puede haber más.",
    "notice": "Esto dice si la credencial es auténtica y está vigente, no si lo que afirma es cierto ni si sirve para "
    "un fin determinado. Se refiere a una persona: úsela para lo que esa persona la entregó, y compártala solo con su "
    "consentimiento.",
}
