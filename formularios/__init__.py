"""Lo que se recoge: encuestas y matrices que llegan, con folio y huella.

Importa `esquemas`; nunca `generador`.
"""
